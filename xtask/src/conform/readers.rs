//! The forms in which recordings come, each turned into answers of endpoints.

use std::path::Path;

use serde_json::Value;

/// Text before and after an object that make it the list that we read.
pub(super) type Wrap = (&'static str, &'static str);

/// How a file holds recorded answers of a kind of source. An endpoint is a path, with `POST ` before it where it is no GET.
pub(super) enum Reading {
    /// The file is one answer, wrapped where so given.
    Whole(&'static str, &'static str, Option<Wrap>),
    /// The file is one object of a list.
    Object(&'static str, &'static str, Wrap),
    /// The file is one object of a list, or the list itself, or an error.
    ObjectOrList(&'static str, &'static str, Wrap),
    /// An object of URL to the answer's `data`.
    ByUrl(&'static str),
    /// A list of method, regular expression of a path (below a prefix), and body.
    ByRegex(&'static str, &'static str),
    /// Literals of another client's tests, by file and name.
    ModulePayloads(&'static str),
    /// The body of a refusal; its status line is in the `.headers` file beside it.
    Refusal(&'static str),
    /// Devices by role.
    McaDump(&'static str, &'static str, Wrap),
    /// Error answers by name, with `path` and `body`.
    ObservedErrors(&'static str),
    /// Examples of a schema by `METHOD /path` (below a prefix), by status and name.
    Examples(&'static str, &'static str),
    /// Objects by resource name.
    FixtureResources(&'static str),
    /// A list of method, URI and body.
    Cassettes(&'static str),
    /// It holds none.
    None(NoAnswer),
}

/// Why a file holds no answer that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NoAnswer {
    /// It is a schema, against which the simulators are checked.
    Schema,
    /// It describes, in prose or headers.
    Description,
    /// It answers an endpoint that no connector calls.
    NotCalled,
}

impl NoAnswer {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Schema => "schemas",
            Self::Description => "descriptions",
            Self::NotCalled => "of endpoints that no connector calls",
        }
    }
}

/// A file of recordings.
pub(super) struct File<'a> {
    pub(super) path: &'a Path,
    pub(super) bytes: &'a [u8],
}

/// One recorded answer.
pub(super) struct Recorded {
    pub(super) kind: &'static str,
    pub(super) method: String,
    pub(super) path: String,
    /// Status and reason phrase of a refusal; whatever has none is an answer.
    pub(super) status_line: Option<(u16, String)>,
    pub(super) body: Vec<u8>,
}

/// The answers that a file holds.
pub(super) fn read(reading: &Reading, file: &File<'_>) -> Result<Vec<Recorded>, String> {
    Ok(match *reading {
        Reading::None(_) => Vec::new(),
        Reading::Whole(kind, endpoint, wrap) => {
            vec![at(kind, endpoint, wrapped(file.bytes, wrap.unwrap_or_default()))]
        }
        Reading::Object(kind, endpoint, wrap) => vec![at(kind, endpoint, wrapped(file.bytes, wrap))],
        Reading::ObjectOrList(kind, endpoint, wrap) => {
            let is_one = json(file)?.get("id").is_some();
            vec![at(kind, endpoint, wrapped(file.bytes, if is_one { wrap } else { Wrap::default() }))]
        }
        Reading::ByUrl(kind) => entries(&json(file)?)
            .map(|(url, data)| at(kind, path_of(url), wrapped(&bytes(data), (r#"{"data":"#, "}"))))
            .collect(),
        Reading::ByRegex(kind, prefix) => by_regex(kind, prefix, &json(file)?),
        Reading::ModulePayloads(kind) => module_payloads(kind, &json(file)?),
        Reading::Refusal(kind) => {
            let refusal =
                Recorded { status_line: Some(status_line(file)?), ..at(kind, "", file.bytes.to_vec()) };
            vec![refusal]
        }
        Reading::McaDump(kind, endpoint, wrap) => entries(&json(file)?)
            .map(|(_, device)| at(kind, endpoint, wrapped(&bytes(device), wrap)))
            .collect(),
        Reading::ObservedErrors(kind) => entries(&json(file)?)
            .filter_map(|(_, error)| Some(at(kind, error.get("path")?.as_str()?, bytes(error.get("body")?))))
            .collect(),
        Reading::Examples(kind, prefix) => examples(kind, prefix, &json(file)?),
        Reading::FixtureResources(kind) => fixture_resources(kind, &json(file)?),
        Reading::Cassettes(kind) => cassettes(kind, &json(file)?),
    })
}

/// Status and reason phrase, from the headers beside a body.
fn status_line(file: &File<'_>) -> Result<(u16, String), String> {
    let text = std::fs::read_to_string(file.path.with_extension("headers"))
        .map_err(|error| format!("its headers: {error}"))?;
    let mut words = text.lines().next().unwrap_or_default().splitn(3, ' ');
    let status = words.nth(1).and_then(|status| status.parse().ok()).ok_or("its headers name no status")?;
    Ok((status, words.next().unwrap_or_default().to_owned()))
}

fn json(file: &File<'_>) -> Result<Value, String> {
    serde_json::from_slice(file.bytes).map_err(|error| format!("not JSON: {error}"))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn wrapped(bytes: &[u8], (before, after): Wrap) -> Vec<u8> {
    [before.as_bytes(), bytes, after.as_bytes()].concat()
}

fn at(kind: &'static str, endpoint: &str, body: Vec<u8>) -> Recorded {
    let (method, path) = endpoint.split_once(' ').unwrap_or(("GET", endpoint));
    Recorded { kind, method: method.to_owned(), path: path.to_owned(), status_line: None, body }
}

/// The path of a URL.
fn path_of(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, rest)| rest);
    behind.find('/').map_or("/", |at| &behind[at..])
}

fn by_regex(kind: &'static str, prefix: &str, list: &Value) -> Vec<Recorded> {
    let recorded = list.as_array().into_iter().flatten().filter_map(|one| {
        let pattern = one.get("path_regex")?.as_str()?;
        let path =
            pattern.trim_start_matches('^').trim_end_matches('$').replace("[0-9]+", "1").replace('\\', "");
        let body = one.get("body")?;
        let body = body.as_str().map_or_else(|| bytes(body), |text| text.as_bytes().to_vec());
        let method = one.get("method")?.as_str()?;
        Some(at(kind, &format!("{method} {prefix}{path}"), body))
    });
    recorded.collect()
}

fn module_payloads(kind: &'static str, files: &Value) -> Vec<Recorded> {
    /// Which literal answers which endpoint; the others answer none that is called, or are cut out of their answer.
    const LITERALS: &[(&str, &str)] = &[
        ("NODES", "/api2/json/cluster/resources"),
        (
            "TestProxmoxVmInfoModule.test_config_returned_when_specified_qemu_vm_with_config.config_vm_value",
            "/api2/json/nodes/node1/qemu/101/config",
        ),
        ("RAW_NETWORK_OUTPUT", "/api2/json/nodes/node1/network"),
        ("RESOURCE_LIST", "/api2/json/cluster/resources"),
        ("RAW_CLUSTER_RESOURCES", "/api2/json/cluster/resources"),
        ("VMS", "/api2/json/cluster/resources"),
        ("MINIMAL_PERMISSIONS", "/api2/json/access/permissions"),
        ("mock_api_cluster_status.raw_response", "/api2/json/cluster/status"),
        ("get_resources.return", "/api2/json/cluster/resources"),
    ];
    let literals = entries(files).flat_map(|(_, literals)| entries(literals));
    literals
        .filter_map(|(name, value)| {
            let (_, endpoint) = LITERALS.iter().find(|(known, _)| known == name)?;
            Some(at(kind, endpoint, wrapped(&bytes(value), (r#"{"data":"#, "}"))))
        })
        .collect()
}

fn examples(kind: &'static str, prefix: &str, operations: &Value) -> Vec<Recorded> {
    let mut found = Vec::new();
    for (operation, described) in entries(operations) {
        let Some((method, path)) = operation.split_once(' ') else { continue };
        let responses = described.get("responses").into_iter().flat_map(entries);
        for (_, example) in responses.flat_map(|(_, examples)| entries(examples)) {
            found.push(at(kind, &format!("{method} {prefix}{path}"), bytes(example)));
        }
    }
    found
}

fn fixture_resources(kind: &'static str, file: &Value) -> Vec<Recorded> {
    const LISTS: &[(&str, &str)] = &[
        ("customer", "/v1/customers"),
        ("subscription", "/v1/subscriptions"),
        ("invoice", "/v1/invoices"),
        ("product", "/v1/products"),
    ];
    let resources = file.get("resources").cloned().unwrap_or_default();
    let recorded =
        LISTS.iter().filter_map(|(name, path)| Some(at(kind, path, one_of_a_list(resources.get(*name)?))));
    recorded.collect()
}

fn cassettes(kind: &'static str, list: &Value) -> Vec<Recorded> {
    let recorded = list.as_array().into_iter().flatten().filter_map(|one| {
        let body = one.get("body")?;
        let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
        let object: Value = serde_json::from_str(&text).ok()?;
        let path = match object.get("object").and_then(Value::as_str) {
            Some("customer") => "/v1/customers",
            Some("subscription") => "/v1/subscriptions",
            Some("invoice") => "/v1/invoices",
            _ if object.get("error").is_some() => return Some(at(kind, "/v1/customers", text.into_bytes())),
            _ => return Some(at(kind, path_of(one.get("uri")?.as_str()?), text.into_bytes())),
        };
        Some(at(kind, path, one_of_a_list(&object)))
    });
    recorded.collect()
}

fn one_of_a_list(object: &Value) -> Vec<u8> {
    wrapped(&bytes(object), (r#"{"object":"list","url":"/v1/x","has_more":false,"data":["#, "]}"))
}
