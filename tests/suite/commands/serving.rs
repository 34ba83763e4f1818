//! Programs that run until they are told to stop: what they answer, how they end, and what they leave behind.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::setting::{Setting, folder, listing};
use crate::kit::http::Client;
use crate::kit::program::{Running, fleetgraph, postmaster, runs};

const SERVE: [&str; 5] = ["--log", "json", "serve", "--config", "fleetgraph.toml"];

/// Waits on a thread of its own, so that the simulated fleet goes on answering.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("no panic")
}

impl Setting {
    async fn serve(&self) -> (Running, SocketAddr) {
        let (mut command, data) = (self.command(&SERVE), self.data());
        blocking(move || {
            let running = Running::start(&mut command, Some(data));
            let address = running.address();
            (running, address)
        })
        .await
    }
}

/// A request that the server has begun to read, and whose body is still to come.
struct Open {
    stream: BufReader<TcpStream>,
}

const BODY: &str = r#"{"query":"{ __typename }"}"#;

impl Open {
    fn begin(address: SocketAddr, token: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("it serves");
        write!(
            stream,
            "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             authorization: Bearer {token}\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            BODY.len()
        )
        .expect("it reads");
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).expect("it answers");
        assert!(line.starts_with("HTTP/1.1 100 "), "{line}");
        stream.read_line(&mut line).expect("it answers");
        Self { stream }
    }

    fn finish(mut self) -> String {
        self.stream.get_mut().write_all(BODY.as_bytes()).expect("it reads");
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).expect("it answers, and closes the connection");
        answer
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_an_open_request_finish_and_leaves_nothing_running() {
    let setting = Setting::private().await;
    let (running, address) = setting.serve().await;
    let server = postmaster(&setting.data()).expect("its database runs");
    assert!(runs(server));
    let token = setting.token();
    let open = blocking(move || Open::begin(address, &token)).await;
    running.signal(Signal::TERM);
    // From now on nobody else is let in; the open request is.
    let refused = blocking(move || while TcpStream::connect(address).is_ok() {});
    refused.await;
    let answer = blocking(move || open.finish()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains(r#"{"data":{"__typename":"Query"}"#), "{answer}");
    let (status, said) = blocking(move || running.wait()).await;
    assert_eq!(status.code(), Some(0), "{said:?}");
    for line in &said {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        // An orderly stop is no trouble.
        assert_eq!(line["level"], "INFO", "{line}");
    }
    assert!(!runs(server), "its database was stopped, and waited for");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_gateway_leaves_running_is_adopted() {
    let setting = Setting::private().await;
    let (running, _) = setting.serve().await;
    let server = postmaster(&setting.data()).expect("its database runs");
    running.signal(Signal::KILL);
    let (status, _) = blocking(move || running.wait()).await;
    assert_eq!(status.code(), None);
    assert!(runs(server), "the database outlives the gateway");

    let (running, address) = setting.serve().await;
    assert_eq!(postmaster(&setting.data()), Some(server), "the same server");
    let answer =
        Client::new(address).bearing(setting.token()).data("{ sources { name } }", Value::Null).await;
    assert!(answer["sources"].as_array().is_some_and(|sources| sources.len() > 5), "{answer}");
    running.signal(Signal::INT);
    let (status, said) = blocking(move || running.wait()).await;
    assert_eq!(status.code(), Some(0), "{said:?}");
    assert!(!runs(server));
}

#[tokio::test(flavor = "multi_thread")]
async fn simulate_prints_what_to_paste_and_takes_faults() {
    let folder = folder();
    let mut command = fleetgraph(folder.path(), ["simulate", "--guests", "80", "--listen", "127.0.0.1:0"]);
    let (running, control, sources) = blocking(move || {
        let running = Running::start(&mut command, None);
        assert_eq!(running.line("[["), "[[source]]");
        let sources = running.line("name = ");
        let control = running.line("# control: http://");
        (running, control, sources)
    })
    .await;
    let address =
        control.split("http://").nth(1).and_then(|rest| rest.split(' ').next()).expect("an address");
    let client = Client::new(address.parse().expect("an address"));
    let world = client.get("/world").await;
    assert_eq!(world.status, 200);
    let name = sources.split('"').nth(1).expect("a name");
    assert!(
        world.text.contains(&format!("\"source\":\"{name}\"")),
        "no {name} in the world that is simulated"
    );
    let fault = client.ask("POST", "/faults", &[], json!({ "fault": "hang" }).to_string()).await;
    assert_eq!((fault.status, fault.body), (200, json!([{ "fault": "hang" }])));
    let refused =
        client.ask("POST", "/faults", &[], json!({ "upstream": "x", "fault": "hang" }).to_string()).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    running.signal(Signal::TERM);
    let (status, said) = blocking(move || running.wait()).await;
    assert_eq!(status.code(), Some(0), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_answers_and_leaves_nothing_behind() {
    let folder = folder();
    let mut command = fleetgraph(folder.path(), ["demo", "--guests", "80", "--listen", "127.0.0.1:0"]);
    command.env("TMPDIR", folder.path());
    let (running, line, viewer) = blocking(move || {
        let running = Running::start(&mut command, None);
        let line = running.line("fleetgraph answers on http://");
        let viewer = running.line("  viewer  ");
        (running, line, viewer)
    })
    .await;
    let token = viewer.split_whitespace().nth(1).expect("a token").to_owned();
    let address: SocketAddr = line.rsplit("http://").next().expect("an address").parse().expect("an address");
    let query = include_str!("../../../gateway/src/demo/first_query.graphql");
    assert_eq!(Client::new(address).graphql(query, Value::Null).await.status, 401, "without a token");
    let data = Client::new(address).bearing(token).data(query, Value::Null).await;
    assert_eq!(data["complete"]["paths"]["nodes"][0]["state"], "COMPLETE", "{data}");
    let gateway = format!("http://{address}");
    let ask = ["token", "--role", "fleetgraph-operator", "--gateway", &gateway];
    let given = super::setting::ended(fleetgraph(folder.path(), ask)).await;
    assert_eq!(given.status, Some(0), "{given:?}");
    let data = Client::new(address).bearing(given.stdout.trim()).data(query, Value::Null).await;
    assert_eq!(data["complete"]["paths"]["nodes"][0]["state"], "COMPLETE", "{data}");
    let data_dir = folder.path().join(&listing(folder.path())[0]).join("data");
    let server = postmaster(&data_dir).expect("its database runs");
    running.signal(Signal::INT);
    let (status, said) = blocking(move || running.wait()).await;
    assert_eq!(status.code(), Some(0), "{said:?}");
    assert!(!runs(server));
    assert_eq!(listing(folder.path()), [""; 0], "nothing is left");
}
