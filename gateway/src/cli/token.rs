//! `fleetgraph token`: a token of a running demo.

use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use connectors::connector::Limits;
use connectors::http::{Call, CallError, Client, SecretBody, Tls};
use http::Method;
use serde::Deserialize;
use url::Url;

use super::{Failure, output};

/// Gets a token for a role from the issuer of a running `fleetgraph demo`.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  fleetgraph token --role fleetgraph-viewer\n  \
    curl -H \"authorization: Bearer $(fleetgraph token --role sankofa-it-admin --mfa)\" ...\n\n\
    Only a demo gives tokens so: where `serve` runs, they come from the issuer of [auth].")]
pub(super) struct Arguments {
    /// A role (docs/reference.md, Permissions); may be given several times.
    #[arg(long, required = true)]
    role: Vec<String>,
    /// As if a second factor had been proven.
    #[arg(long)]
    mfa: bool,
    /// The demo's gateway.
    #[arg(long, default_value = "http://127.0.0.1:4000", value_name = "URL")]
    gateway: String,
}

#[derive(Deserialize)]
struct Resource {
    authorization_servers: Vec<String>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let advice = "is `fleetgraph demo` running, and is --gateway its address?";
    let failed = |error: CallError| Failure::new(format!("no token: {error}"), advice);
    let resource: Resource =
        call(&arguments.gateway, Call::get("/.well-known/oauth-protected-resource")).await.map_err(failed)?;
    let issuer = resource.authorization_servers.first().cloned().unwrap_or_default();
    if !crate::demo::is_demo(&issuer) {
        return Err(Failure::new(
            format!("the gateway takes tokens of {issuer}, which is no demo's issuer"),
            "sign in there, or ask whoever runs it for a service account",
        ));
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for role in &arguments.role {
        form.append_pair("role", role);
    }
    form.append_pair("mfa", if arguments.mfa { "true" } else { "false" });
    let body = SecretBody(Bytes::from(form.finish()));
    let body = Some(("application/x-www-form-urlencoded", body));
    let ask = Call { method: Method::POST, path: "/token".into(), headers: Vec::new(), body };
    let token: Token = call(&issuer, ask).await.map_err(failed)?;
    output::result(&format!("{}\n", token.access_token))?;
    Ok(ExitCode::SUCCESS)
}

async fn call<T: serde::de::DeserializeOwned>(base: &str, call: Call) -> Result<T, CallError> {
    let bad = |message: String| CallError::new(schema::source::ProblemCode::Internal, message);
    let base = base.parse::<Url>().map_err(|error| bad(format!("{base} is no address: {error}")))?;
    let limits = Limits { timeout: Duration::from_secs(5), max_answer: 1 << 16, ..Limits::default() };
    let client = Client::new(vec![base], &Tls::System, limits).map_err(|error| bad(error.message))?;
    client.call(call).await?.success()?.json()
}
