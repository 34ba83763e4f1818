//! `fleetStatus` over a fleet that changes: told at once, then when it changes, to each what it may see; and its ends.

use connectors::world::Spec;
use fleetgraph::app::Gateway;
use serde_json::{Value, json};

use crate::kit::gateway::{PATIENCE, Running};
use crate::kit::http::Client;
use crate::kit::socket::Socket;

const STATUS: &str =
    "subscription { fleetStatus { guests { total down } nodes { total } sources { total ok } } }";

/// Who has the role sees one cluster.
const NARROW: &str = r#"permit (
  principal in Role::"narrow",
  action == Action::"inventory:read",
  resource in Cluster::"pve-1"
);
"#;

fn figure(status: &Value, of: &str, name: &str) -> u64 {
    status["fleetStatus"][of][name].as_u64().unwrap_or_else(|| panic!("no {of}.{name} in {status}"))
}

async fn watching(gateway: &Gateway, token: &str) -> (Socket, Value) {
    let mut socket = Socket::greeted(gateway.address(), token).await;
    socket.ask("status", STATUS).await;
    let first = socket.data().await;
    (socket, first)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_of_its_own_part_at_once_and_when_it_changes() {
    let running = Running::start(&Spec { guests: 80, ..Spec::default() }, "1s").await;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("narrow.cedar"), NARROW).expect("room");
    let gateway = running
        .another_with(|config| {
            config.auth.as_mut().expect("an issuer").policy_dir = Some(folder.path().to_owned());
        })
        .await;
    let token = |roles: &[&str]| running.issuer.token("ada", roles, true);
    let (mut whole, _) = watching(&gateway, &token(&["sankofa-it-admin"])).await;
    let everything = |status: &Value| figure(status, "sources", "ok") == figure(status, "sources", "total");
    let all = whole.until("every source", everything).await;
    let (mut part, own) = watching(&gateway, &token(&["narrow"])).await;
    let (_, none) = watching(&gateway, &token(&[])).await;
    let guests = |status: &Value| figure(status, "guests", "total");
    assert!(guests(&none) == 0 && guests(&own) > 0 && guests(&all) > guests(&own), "{none} {own} {all}");
    assert_eq!(figure(&none, "nodes", "total"), 0);

    // What happens elsewhere only the first hears of; what happens here, both.
    let asked = "{ guests(first: 100, filter: { status: RUNNING }) { nodes { vmid cluster { name } } } }";
    let listed = running.data(asked, Value::Null).await;
    let running_in = |cluster: &dyn Fn(&str) -> bool| {
        let mut guests = listed["guests"]["nodes"].as_array().expect("a list").iter();
        let guest = guests.find(|guest| cluster(guest["cluster"]["name"].as_str().expect("a name")));
        let guest = guest.expect("a guest that runs");
        format!("{}/{}", guest["cluster"]["name"].as_str().expect("a name"), guest["vmid"])
    };
    let down = |status: &Value| figure(status, "guests", "down");
    running.happens(json!({ "stop": running_in(&|cluster| cluster != "pve-1") })).await;
    whole.until("a guest elsewhere is down", |status| down(status) == down(&all) + 1).await;
    running.happens(json!({ "stop": running_in(&|cluster| cluster == "pve-1") })).await;
    whole.until("two guests are down", |status| down(status) == down(&all) + 2).await;
    let heard = part.until("a guest here is down", |status| down(status) != down(&own)).await;
    assert_eq!(down(&heard), down(&own) + 1, "and nothing of the one elsewhere");
    assert_eq!(guests(&heard), guests(&own));

    running.switch_off("npm-1");
    whole.until("a source is lost", |status| !everything(status)).await;
    running.switch_on();
    whole.until("it comes back", everything).await;

    // Policies that change are felt by what is open already, and so is a token of fewer roles.
    std::fs::write(folder.path().join("no.rules"), "role narrow may not read:*:*:*\n").expect("room");
    running.happens(json!({ "start": running_in(&|cluster| cluster != "pve-1") })).await;
    part.until("nothing is seen any more", |status| guests(status) == 0).await;
    whole.renew(&token(&["fleetgraph-reporter"])).await;
    let renewed = async {
        loop {
            if let crate::kit::socket::Came::Message(message) = whole.next().await
                && message["type"] == "next"
                && guests(&message["payload"]["data"]) == 0
            {
                return;
            }
        }
    };
    assert!(tokio::time::timeout(PATIENCE, renewed).await.is_ok(), "the new token's roles are not felt");
    gateway.stop().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_ends_its_sockets_on_every_replica() {
    let running = Running::start_with(&Spec { guests: 80, ..Spec::default() }, "24h", Vec::new).await;
    let replica = running.another().await;
    let issuer = &running.issuer;
    let claims = issuer.claims("ada", &["fleetgraph-viewer"], false);
    let (ends, stays) = (issuer.mint(&claims), issuer.token("ada", &["fleetgraph-viewer"], false));
    let (mut here, _) = watching(&running.gateway, &ends).await;
    let (mut there, _) = watching(&replica, &ends).await;
    let (mut other, _) = watching(&replica, &stays).await;

    let now = claims["iat"].as_i64().expect("a time");
    let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let logout = issuer.mint_as(
        "logout+jwt",
        &json!({ "iss": issuer.url(), "aud": fleetgraph::demo::CLIENT, "iat": now, "exp": now + 120, "jti": "1",
            "typ": "Logout", "sub": "ada", "sid": claims["sid"], "events": events }),
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let nobody = Client::new(running.gateway.address());
    let began = tokio::time::Instant::now();
    let told = nobody.ask("POST", "/auth/backchannel-logout", &form, format!("logout_token={logout}")).await;
    assert_eq!(told.status, 200);
    let answered = began.elapsed();
    let ended = (vec![("status".to_owned(), "UNAUTHENTICATED".to_owned())], 4401);
    assert_eq!(here.end().await, ended);
    let ended_here = began.elapsed();
    assert_eq!(there.end().await, ended);
    eprintln!(
        "a logout was answered after {answered:?}; a socket here ended after {ended_here:?}, of a replica after {:?}",
        began.elapsed()
    );

    // Another session of the same person goes on, until the realm's not-before ends it too.
    other.ask("again", "{ __typename }").await;
    assert_eq!(other.data().await["__typename"], "Query");
    let began = tokio::time::Instant::now();
    issuer.set_not_before(now + 1000);
    let (errors, code) = other.end().await;
    assert_eq!((errors.last(), code), (Some(&("status".to_owned(), "UNAUTHENTICATED".to_owned())), 4401));
    eprintln!("the realm's not-before ended a socket after {:?}", began.elapsed());
    replica.stop().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stops_tells_its_sockets_to_come_again() {
    let running = Running::start_with(&Spec { guests: 80, ..Spec::default() }, "24h", Vec::new).await;
    let gateway = running.another().await;
    let token = running.issuer.token("ada", &["fleetgraph-viewer"], false);
    let (mut socket, _) = watching(&gateway, &token).await;
    let stopping = tokio::spawn(gateway.stop());
    assert_eq!(socket.end().await, (Vec::new(), 1012));
    assert!(tokio::time::timeout(PATIENCE, stopping).await.is_ok(), "it does not stop");
    running.stop().await;
}
