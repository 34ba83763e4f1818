//! Lists whose objects are read one by one, and what is remembered of an object that cannot be read now.
//!
//! DESIGN, rules 2 and 3: one broken object hides none of its neighbours, and an object whose last reading failed keeps
//! its facts, marked stale.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use schema::fact::SubscriptionItemFact;
use schema::fact::{CertificateFact, CustomerFact, InvoiceFact, ProductFact, ProxyHostFact, Seen};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::http::parse;

/// An object of a list that is not of the expected shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// Its `id`, where that much can be read.
    pub(crate) id: Option<String>,
    /// What is wrong, with the place in the object and never what stands there.
    pub(crate) reason: String,
}

/// Reads each object for itself. Those that cannot be read are told apart, in their order.
pub(crate) fn each<T: DeserializeOwned>(list: &[Box<RawValue>]) -> (Vec<T>, Vec<Unread>) {
    let mut read = Vec::with_capacity(list.len());
    let mut unread = Vec::new();
    for object in list {
        // serde takes an array for a struct, field by field; no API means that.
        if !object.get().starts_with('{') {
            unread.push(Unread { id: None, reason: "one of them is no object".to_owned() });
            continue;
        }
        match parse(object.get().as_bytes()) {
            Ok(value) => read.push(value),
            Err(error) => unread
                .push(Unread { id: id_of(object), reason: error.message.replacen("the answer", "it", 1) }),
        }
    }
    (read, unread)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(i64),
    Text(String),
}

fn id_of(object: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Identified {
        id: Id,
    }
    match serde_json::from_str::<Identified>(object.get()).ok()?.id {
        Id::Number(number) => Some(number.to_string()),
        Id::Text(text) => Some(short(&text)),
    }
}

/// At most 160 characters of what an upstream wrote: enough to find the place, too little to flood a log.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// A fact that a later reading can be matched with.
pub(crate) trait Known: Clone {
    /// Unique within its list.
    fn reference(&self) -> &str;
    /// How well it is known.
    fn seen(&mut self) -> &mut Seen;
}

macro_rules! known {
    ($($fact:ty),*) => {
        $(impl Known for $fact {
            fn reference(&self) -> &str {
                &self.reference
            }
            fn seen(&mut self) -> &mut Seen {
                &mut self.seen
            }
        })*
    };
}
known!(CertificateFact, CustomerFact, InvoiceFact, ProductFact, ProxyHostFact, SubscriptionItemFact);

/// Which objects of a list a reading did not bring although they may well be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// These; whatever else did not come is gone.
    Objects(BTreeSet<String>),
    /// The list was not read to its end: everything that did not come.
    Rest,
}

/// One list as it was last known.
pub(crate) struct Memory<T> {
    last: Mutex<BTreeMap<Box<str>, T>>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self { last: Mutex::default() }
    }
}

impl<T: Known> Memory<T> {
    /// Fills the gap of a reading with what was known before, marked stale, and remembers the whole.
    pub(crate) fn fill(&self, read: &mut Vec<T>, gap: &Gap) {
        let came: BTreeMap<Box<str>, T> =
            read.iter().map(|fact| (fact.reference().into(), fact.clone())).collect();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *last, came);
        for (reference, mut fact) in before {
            let missing = !last.contains_key(&reference);
            let kept = match gap {
                Gap::Objects(references) => references.contains(&*reference),
                Gap::Rest => true,
            };
            if missing && kept {
                fact.seen().stale = true;
                read.push(fact.clone());
                last.insert(reference, fact);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use schema::Timestamp;

    use super::*;

    fn product(reference: &str, at: i64) -> ProductFact {
        let seen = Seen { at: Timestamp::from_seconds(at), stale: false };
        ProductFact { reference: reference.into(), name: reference.into(), seen }
    }

    /// What a second reading shows after a first one that brought `a`, `b` and `c`.
    fn check(second: &[&str], gap: &Gap, expected: &[(&str, i64, bool)]) {
        let memory = Memory::default();
        memory.fill(
            &mut vec![product("a", 1), product("b", 1), product("c", 1)],
            &Gap::Objects(BTreeSet::new()),
        );
        let mut read: Vec<_> = second.iter().map(|reference| product(reference, 2)).collect();
        memory.fill(&mut read, gap);
        let shown: Vec<_> = read
            .iter()
            .map(|fact| (&*fact.reference, fact.seen.at.millis() / 1000, fact.seen.stale))
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_could_not_be_read_keeps_its_facts_and_what_is_gone_goes() {
        let nothing = Gap::Objects(BTreeSet::new());
        let b = Gap::Objects(BTreeSet::from(["b".to_owned(), "new".to_owned()]));
        check(&["a", "b"], &nothing, &[("a", 2, false), ("b", 2, false)]);
        check(&["a"], &b, &[("a", 2, false), ("b", 1, true)]);
        check(&["c"], &Gap::Rest, &[("c", 2, false), ("a", 1, true), ("b", 1, true)]);
        check(&[], &Gap::Rest, &[("a", 1, true), ("b", 1, true), ("c", 1, true)]);
    }

    #[test]
    fn a_broken_object_hides_no_neighbour() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Thing {
            id: u32,
            port: u16,
        }
        let list: Vec<Box<RawValue>> = serde_json::from_str(
            r#"[{"id":1,"port":80},{"id":2,"port":"x"},[7,8],{"id":"t","port":1},{"id":3,"port":81}]"#,
        )
        .expect("a list");
        let (read, unread) = each::<Thing>(&list);
        assert_eq!(read, [Thing { id: 1, port: 80 }, Thing { id: 3, port: 81 }]);
        let ids: Vec<_> = unread.iter().map(|object| object.id.as_deref()).collect();
        assert_eq!(ids, [Some("2"), None, Some("t")]);
        assert!(unread[0].reason.contains("expected u16"), "{}", unread[0].reason);
    }

    #[test]
    fn reasons_are_cut_between_characters() {
        assert_eq!(short(&"é".repeat(160)), "é".repeat(160));
        assert_eq!(short(&"é".repeat(161)), format!("{}...", "é".repeat(160)));
    }
}
