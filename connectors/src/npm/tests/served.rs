//! The connector against its own simulator, over real HTTP.

use schema::fact::{MainList, ProxyKind};
use schema::source::ProblemCode;
use schema::{Snapshot, Timestamp};

use super::super::KIND;
use crate::testing::{Reply, Simulated, built, collected};
use crate::world::{Proxy, Spec, World};

/// A while after the world began.
const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

fn world() -> World {
    World::generate(&Spec::default()).expect("a world")
}

async fn simulated() -> Simulated {
    Simulated::start(&KIND, world(), NOW).await
}

fn seconds_later(seconds: u64) -> Timestamp {
    NOW.plus(std::time::Duration::from_secs(seconds))
}

fn logins(simulated: &Simulated) -> usize {
    simulated.asked().iter().filter(|asked| *asked == "POST /api/tokens").count()
}

/// Each host by its reference, with what it leads to, from the world itself.
fn expected(proxy: &Proxy) -> Vec<(String, bool, Option<String>)> {
    let bare = |host: &str| host.split('/').next().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let mut hosts: Vec<_> = proxy
        .proxy_hosts
        .iter()
        .map(|host| (format!("p{}", host.id), host.enabled, Some(bare(&host.forward.host))))
        .chain(proxy.redirections.iter().map(|host| (format!("r{}", host.id), host.enabled, None)))
        .chain(proxy.dead_hosts.iter().map(|host| (format!("d{}", host.id), host.enabled, None)))
        .chain(
            proxy
                .streams
                .iter()
                .map(|stream| (format!("s{}", stream.id), stream.enabled, Some(bare(&stream.forward.host)))),
        )
        .collect();
    hosts.sort();
    hosts
}

fn read(snapshot: &Snapshot) -> Vec<(String, bool, Option<String>)> {
    let hosts = &snapshot.facts.proxy_hosts;
    let mut hosts: Vec<_> = hosts
        .iter()
        .map(|host| {
            (host.reference.to_string(), host.enabled, host.forward_host.as_ref().map(ToString::to_string))
        })
        .collect();
    hosts.sort();
    hosts
}

#[tokio::test]
async fn everything_that_the_proxy_has_is_read_in_one_session() {
    let (world, simulated) = (world(), simulated().await);
    let connector = simulated.connector();
    let snapshot = collected(&*connector, NOW).await;
    let proxy = &world.proxies[0];
    assert!(proxy.proxy_hosts.len() > 5, "a world without hosts shows nothing");
    assert_eq!(read(&snapshot), expected(proxy));
    assert_eq!(snapshot.problems, []);
    assert_eq!(snapshot.unread, []);

    for host in &proxy.proxy_hosts {
        let reference = format!("p{}", host.id);
        let fact =
            snapshot.facts.proxy_hosts.iter().find(|fact| *fact.reference == *reference).expect("read");
        let names: Vec<String> = host.domain_names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(fact.kind, ProxyKind::Proxy);
        assert_eq!(fact.domain_names.iter().map(ToString::to_string).collect::<Vec<_>>(), names);
        assert_eq!(fact.forward_port, Some(host.forward.port));
        assert_eq!(fact.certificate.as_deref(), host.certificate.map(|id| id.to_string()).as_deref());
        let list = proxy.access_lists.iter().find(|list| Some(list.id) == host.access_list);
        assert_eq!(fact.access_list_name.as_deref(), list.map(|list| list.name.as_str()));
        assert_eq!(fact.locations.len(), host.locations.len());
    }
    for (fact, certificate) in snapshot.facts.certificates.iter().map(|fact| {
        let known = proxy.certificates.iter().find(|known| known.id.to_string() == *fact.reference);
        (fact, known.expect("in the world"))
    }) {
        let expires = fact.expires_on.expect("a certificate ends");
        assert_eq!(
            (expires.millis() - NOW.millis()).div_euclid(86_400_000),
            certificate.expires_in_days - i64::from(NOW.millis() % 86_400_000 > 43_200_000)
        );
    }
    assert_eq!(snapshot.facts.certificates.len(), proxy.certificates.len());

    collected(&*connector, seconds_later(30)).await;
    assert_eq!(logins(&simulated), 1);
    assert_eq!(simulated.asked().len(), 1 + 2 * 6, "{:?}", simulated.asked());
}

#[tokio::test]
async fn a_session_is_renewed_before_its_end_and_once_where_it_is_refused() {
    let simulated = simulated().await;
    let connector = simulated.connector();
    collected(&*connector, NOW).await;

    let near_the_end = seconds_later(24 * 3600 - 60);
    simulated.set_now(near_the_end);
    collected(&*connector, near_the_end).await;
    assert_eq!(logins(&simulated), 1);
    assert!(simulated.asked().contains(&"GET /api/tokens".to_owned()), "{:?}", simulated.asked());

    // The renewed one ends without a word; the connector's own clock would have used it for long.
    simulated.expire_sessions();
    collected(&*connector, near_the_end.plus(std::time::Duration::from_secs(30))).await;
    assert_eq!(logins(&simulated), 2);

    // A session that nobody renewed in time is refused at its renewal, and a login follows.
    let days_later = seconds_later(5 * 24 * 3600);
    simulated.set_now(days_later);
    collected(&*connector, days_later).await;
    assert_eq!(logins(&simulated), 3);
}

#[tokio::test]
async fn however_a_session_is_refused_one_login_mends_it() {
    for status in
        ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "500 Internal Server Error"]
    {
        let simulated = simulated().await;
        let connector = simulated.connector();
        collected(&*connector, NOW).await;
        let first = std::sync::atomic::AtomicBool::new(true);
        simulated.instead(move |request| {
            let refused = request.path.starts_with("/api/users/me")
                && first.swap(false, std::sync::atomic::Ordering::SeqCst);
            refused.then(|| Reply::with(status, "{}"))
        });
        let snapshot = collected(&*connector, seconds_later(30)).await;
        assert_eq!((snapshot.problems, logins(&simulated)), (Vec::new(), 2), "{status}");
    }
}

#[tokio::test]
async fn a_session_that_ends_within_a_collection_is_renewed_by_one_of_its_calls() {
    let simulated = simulated().await;
    let connector = simulated.connector();
    collected(&*connector, NOW).await;
    let refused = std::sync::atomic::AtomicUsize::new(0);
    simulated.instead(move |request| {
        let list = request.method == "GET" && request.path.contains("/api/nginx/");
        // The five lists are asked for at once, and the first answers to all of them say that the session has ended.
        (list && refused.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 5).then(|| {
            let body = r#"{"error":{"code":400,"message":"Token has expired","message_i18n":{"name":"TokenExpiredError"}}}"#;
            Reply::with("400 Bad Request", body)
        })
    });
    let snapshot = collected(&*connector, seconds_later(30)).await;
    assert_eq!(read(&snapshot), expected(&world().proxies[0]));
    assert_eq!(snapshot.problems, []);
    assert_eq!(logins(&simulated), 2);
}

#[tokio::test]
async fn an_account_that_can_change_something_is_told() {
    for (account, expected) in [
        (
            r#"{"roles":[],"permissions":{"visibility":"all","proxy_hosts":"view","streams":"hidden"}}"#,
            &[][..],
        ),
        (
            r#"{"roles":[],"permissions":{"visibility":"all","proxy_hosts":"manage","certificates":"manage"}}"#,
            &["proxy hosts", "certificates"],
        ),
        (r#"{"roles":["admin"],"permissions":{"proxy_hosts":"view"}}"#, &["everything, as an administrator"]),
    ] {
        let simulated = simulated().await;
        let connector = simulated.connector();
        assert!(connector.could_change(NOW).await.is_empty(), "the simulated account only views");
        simulated.instead(move |request| request.path.contains("/users/me").then(|| Reply::json(account)));
        assert_eq!(connector.could_change(NOW).await, expected, "{account}");
    }
}

#[tokio::test]
async fn private_keys_that_were_sent_are_shown_nowhere() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::level_filters::LevelFilter::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let sent = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let simulated = simulated().await;
    let connector = simulated.connector();
    let shown = format!("{:?}", collected(&*connector, NOW).await);
    // The same with a list that breaks off in the middle of a key, and one whose objects are of another shape.
    for broken in [
        r#"[{"id":1,"meta":{"certificate_key":"SIMULATED-PRIVATE-KEY"#,
        r#"[{"id":{"certificate_key":"SIMULATED-PRIVATE-KEY"}}]"#,
    ] {
        let seen = std::sync::Arc::clone(&sent);
        simulated.instead(move |request| {
            let list = request.path.contains("/nginx/certificates");
            seen.fetch_or(list, std::sync::atomic::Ordering::SeqCst);
            list.then(|| Reply::json(broken))
        });
        let snapshot = collected(&*connector, seconds_later(30)).await;
        assert_eq!(snapshot.problems.len(), 1, "{:?}", snapshot.problems);
        assert!(!format!("{snapshot:?}").contains("PRIVATE-KEY"));
    }
    tracing::info!("the log works");
    assert!(sent.load(std::sync::atomic::Ordering::SeqCst));
    assert!(shown.contains("CertificateFact"));
    assert!(!shown.contains("PRIVATE-KEY"));
    let log = log.text();
    assert!(log.contains("the log works"));
    let secret = world().proxies[0].secret.clone();
    for secret in ["PRIVATE-KEY", "eyJ", &secret] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

/// Everything that was logged on this thread.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("nobody panics while writing").clone()).expect("text")
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What a collection fails with, where some answers are replaced.
async fn check_failure(
    instead: impl Fn(&crate::testing::Received) -> Option<Reply> + Send + 'static,
    code: ProblemCode,
    part: &str,
) {
    let simulated = simulated().await;
    simulated.instead(instead);
    let failure = simulated.connector().collect(NOW).await.failure.expect("a failure");
    assert_eq!(failure.code, code, "{}", failure.message);
    assert!(failure.message.contains(part), "{}", failure.message);
}

#[tokio::test]
async fn a_wrong_password_is_told_with_what_to_do_and_without_the_password() {
    let simulated = simulated().await;
    let secret = "not-the-password-4711";
    let snapshot = simulated.connector_with(&[("NPM_1_SECRET", secret)]).collect(NOW).await;
    let shown = format!("{snapshot:?}");
    let failure = snapshot.failure.expect("a failure");
    assert_eq!(failure.code, ProblemCode::Unauthorized);
    assert!(failure.message.contains("check `identity` and `secret`"), "{}", failure.message);
    assert!(!shown.contains(secret));
    assert_eq!(simulated.asked(), ["POST /api/tokens"]);
}

#[tokio::test]
async fn logins_that_come_to_nothing() {
    let login = |request: &crate::testing::Received| request.method == "POST";
    check_failure(
        move |request| login(request).then(|| Reply::json(r#"{"requires_2fa":true,"challenge_token":"c"}"#)),
        ProblemCode::Unauthorized,
        "asks for a second factor",
    )
    .await;
    check_failure(
        move |request| {
            login(request).then(|| Reply::json(r#"{"requiresTotp":true,"expires":"2026-01-01T00:00:00Z"}"#))
        },
        ProblemCode::Unauthorized,
        "asks for a second factor",
    )
    .await;
    check_failure(
        move |request| login(request).then(|| Reply::with("404 Not Found", "{}")),
        ProblemCode::NotFound,
        "admin address",
    )
    .await;
    check_failure(
        move |request| {
            let message = r#"{"error":{"message":"Too many requests, please try again later."}}"#;
            login(request).then(|| Reply::with("429 Too Many Requests", message))
        },
        ProblemCode::RateLimited,
        "slow down",
    )
    .await;
    check_failure(
        move |request| login(request).then(|| Reply::json("<html>")),
        ProblemCode::BadResponse,
        "HTML",
    )
    .await;
    check_failure(
        move |request| login(request).then(|| Reply::json("{}")),
        ProblemCode::BadResponse,
        "neither a token nor a cookie",
    )
    .await;
    // The account was deleted, or disabled, after its password was taken.
    check_failure(
        |request| request.path.contains("/users/me").then(|| Reply::with("404 Not Found", "{}")),
        ProblemCode::Unauthorized,
        "refused the session (HTTP 404",
    )
    .await;
    check_failure(|_| Some(Reply::with("403 Forbidden", "{}")), ProblemCode::Forbidden, "HTTP 403").await;
    check_failure(
        |_| Some(Reply::with("401 Unauthorized", "{}")),
        ProblemCode::Unauthorized,
        "refused the login",
    )
    .await;
}

#[tokio::test]
async fn npmplus_keeps_its_session_in_a_cookie() {
    let simulated = simulated().await;
    simulated.instead(|request| {
        if request.path == "/api/tokens" {
            let cookie =
                "__Host-Http-token=s%3Aone.two; Path=/; HttpOnly; Secure; SameSite=Strict".to_owned();
            let headers = vec![("content-type", "application/json".to_owned()), ("set-cookie", cookie)];
            return Some(Reply::Answer(
                "200 OK",
                headers,
                br#"{"expires":"2027-01-01T00:00:00.000Z"}"#.to_vec(),
            ));
        }
        let known = request.header("cookie") == Some("__Host-Http-token=s%3Aone.two");
        Some(match (known, request.path.as_str()) {
            (false, _) => Reply::with("404 Not Found", "{}"),
            (true, "/api/users/me?expand=permissions") => Reply::json(r#"{"roles":["admin"]}"#),
            (true, "/api/nginx/proxy-hosts?expand=access_lists,certificate") => {
                Reply::json(include_str!("../fixtures/proxy-hosts.npmplus.json"))
            }
            (true, _) => Reply::json("[]"),
        })
    });
    let snapshot = collected(&*simulated.connector(), NOW).await;
    assert_eq!(snapshot.facts.proxy_hosts.len(), 3);
    assert_eq!(snapshot.facts.proxy_hosts[0].access_list_name.as_deref(), Some("staff, vpn"));
}

#[tokio::test]
async fn hosts_are_read_without_what_may_not_be_expanded() {
    let simulated = simulated().await;
    simulated.instead(|request| {
        let refused = request.path.contains("access_list");
        refused
            .then(|| Reply::with("403 Forbidden", r#"{"error":{"code":403,"message":"Permission Denied"}}"#))
    });
    let snapshot = collected(&*simulated.connector(), NOW).await;
    assert_eq!(read(&snapshot), expected(&world().proxies[0]));
    let problems: Vec<_> =
        snapshot.problems.iter().map(|problem| (problem.code, &*problem.subject)).collect();
    assert_eq!(problems, [(ProblemCode::Forbidden, "access lists")]);
}

#[tokio::test]
async fn what_the_account_may_not_see_is_not_asked_for() {
    let simulated = simulated().await;
    simulated.instead(|request| {
        let account = r#"{"roles":[],"permissions":{"visibility":"all","proxy_hosts":"view","redirection_hosts":"view",
            "dead_hosts":"hidden","streams":"hidden","access_lists":"hidden","certificates":"hidden"}}"#;
        request.path.contains("/users/me").then(|| Reply::json(account))
    });
    let snapshot = collected(&*simulated.connector(), NOW).await;
    let asked = simulated.asked();
    assert!(
        !asked.iter().any(|asked| asked.contains("streams") || asked.contains("access_list")),
        "{asked:?}"
    );
    assert!(snapshot.facts.proxy_hosts.iter().all(|host| host.kind != ProxyKind::Stream));
    assert!(!snapshot.facts.certificates.is_empty(), "those that hosts use are seen beside them");
    let unread: Vec<_> = snapshot.unread.iter().map(|one| (one.list, one.withheld)).collect();
    assert_eq!(unread, [(MainList::DeadHosts, true), (MainList::Streams, true)]);
    let mut subjects: Vec<_> = snapshot.problems.iter().map(|problem| &*problem.subject).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["404 hosts", "access lists", "certificates", "streams"]);
}

#[tokio::test]
async fn one_list_that_fails_leaves_the_others_and_keeps_what_was_known() {
    let simulated = simulated().await;
    let connector = simulated.connector();
    let before = collected(&*connector, NOW).await;
    simulated.instead(|request| {
        let streams = request.path.starts_with("/api/nginx/streams");
        streams.then(|| {
            Reply::with("500 Internal Server Error", r#"{"error":{"code":500,"message":"Internal Error"}}"#)
        })
    });
    let after = collected(&*connector, seconds_later(30)).await;
    assert_eq!(read(&after), read(&before));
    for host in &after.facts.proxy_hosts {
        assert_eq!(host.seen.stale, host.kind == ProxyKind::Stream, "{}", host.reference);
    }
    let problems: Vec<_> = after.problems.iter().map(|problem| (problem.code, &*problem.subject)).collect();
    assert_eq!(problems, [(ProblemCode::BadResponse, "streams")]);
}

#[test]
fn configurations_that_build_nothing_say_why() {
    let check = |lines: &str, key: Option<&str>, part: &str| {
        let environment = vec![("SECRET".to_owned(), "canary-4711".to_owned())];
        let error =
            built(&KIND, lines, environment).err().unwrap_or_else(|| panic!("{lines} builds a source"));
        assert_eq!(error.key.as_deref(), key, "{lines}: {error}");
        assert!(error.message.contains(part), "{lines}: {error}");
        assert!(!error.message.contains("canary"), "{error}");
    };
    let secret = r#"secret = { env = "SECRET" }"#;
    check(
        &format!("url = 'http://10.0.0.20:81'\n{secret}"),
        Some("identity"),
        "is missing; a source of kind npm needs",
    );
    check(&format!("identity = 'a@b.c'\n{secret}"), Some("url"), "is missing");
    check(
        "url = 'http://10.0.0.20:81'\nidentity = 'a@b.c'\nsecret = 'canary-4711'",
        Some("secret"),
        "a secret is not written here",
    );
    check(
        &format!("url = 'http://10.0.0.20:81'\nidentity = 5\n{secret}"),
        Some("identity"),
        "text in quotes",
    );
    check(&format!("url = '10.0.0.20:81'\nidentity = 'a@b.c'\n{secret}"), Some("url"), "http://");
    check(&format!("url = 'http://10.0.0.20:81'\nidentity = ' '\n{secret}"), Some("identity"), "is empty");
    check(
        "url = 'http://10.0.0.20:81'\nidentity = 'a@b.c'\nsecret = { env = 'OTHER' }",
        Some("secret"),
        "no such secret",
    );
}
