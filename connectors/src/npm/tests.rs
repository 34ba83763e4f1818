//! Mapping as data: what the proxy says, and what is made of it.

use schema::Timestamp;
use schema::fact::ProxyHostFact;
use serde_json::value::RawValue;

use super::collect::{Memories, Reading, Readings, Rights, assemble, parse_account, parse_list, parse_login};
use super::map::moment;
use super::wire::Account;
use crate::http::CallError;

mod mapping;
mod served;
mod simulator;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

/// The answers of one collection; a list that is not given is empty.
#[derive(Default)]
struct Given<'a> {
    proxy_hosts: &'a str,
    redirection_hosts: &'a str,
    dead_hosts: &'a str,
    streams: &'a str,
    certificates: &'a str,
}

impl Given<'_> {
    fn readings(&self) -> Readings {
        Readings {
            proxy_hosts: objects(self.proxy_hosts),
            redirection_hosts: objects(self.redirection_hosts),
            dead_hosts: objects(self.dead_hosts),
            streams: objects(self.streams),
            certificates: objects(self.certificates),
            without_access_lists: None,
        }
    }

    fn collect(&self) -> schema::Snapshot {
        assemble(NOW, &everything(), &self.readings(), &Memories::default())
    }
}

fn objects(text: &str) -> Reading {
    let text = if text.is_empty() { "[]" } else { text };
    Reading::Objects(serde_json::from_str::<Vec<Box<RawValue>>>(text).expect("a list"))
}

fn account(text: &str) -> Rights {
    Rights::of(&serde_json::from_str::<Account>(text).expect("an account"))
}

fn everything() -> Rights {
    account(r#"{"roles":["admin"]}"#)
}
