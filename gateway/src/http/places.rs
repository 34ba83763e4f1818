//! Places of what lasts, sockets and streams, each of which holds one until it ends; and the end of the program, as they hear
//! of it.
//!
//! Whoever has not said yet who it is waits in a smaller room, so that nobody without a token can take the places of those
//! who have one.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::rates::{TooMuch, neighbourhood};

/// Sockets and streams that are open at once, at most; and those of one principal.
const OPEN: Most = Most { in_all: 2_000, of_one: 100 };
/// Sockets whose `connection_init` has not come yet; and those of one address, which may be a proxy's.
const UNGREETED: Most = Most { in_all: 1_000, of_one: 250 };
/// Whoever finds no place may come again after this.
const COME_AGAIN: Duration = Duration::from_secs(10);

/// All places, and the word that everything is to end.
pub(super) struct Places {
    told: watch::Sender<bool>,
    open: Arc<Room<Arc<str>>>,
    ungreeted: Arc<Room<IpAddr>>,
}

/// The place of a socket or stream of a principal, given back when it is dropped.
pub(super) type Open = Place<Arc<str>>;
/// The place of a socket of an address, given back when it is dropped.
pub(super) type Ungreeted = Place<IpAddr>;

/// A place in a room, given back when it is dropped.
pub(super) struct Place<K: Key> {
    told: watch::Receiver<bool>,
    room: Arc<Room<K>>,
    whose: K,
}

/// How many places there are.
#[derive(Clone, Copy)]
struct Most {
    in_all: usize,
    of_one: usize,
}

/// Why a room has none.
enum Full {
    InAll,
    OfOne,
}

struct Room<K> {
    most: Most,
    taken: Mutex<Taken<K>>,
}

struct Taken<K> {
    in_all: usize,
    by: BTreeMap<K, usize>,
}

/// What can name whose a place is.
pub(super) trait Key: Clone + Ord {}

impl<K: Clone + Ord> Key for K {}

impl Places {
    pub(super) fn new() -> Self {
        Self {
            told: watch::Sender::new(false),
            open: Arc::new(Room::new(OPEN)),
            ungreeted: Arc::new(Room::new(UNGREETED)),
        }
    }

    /// A place for a principal, where there is one left and the program is not ending.
    pub(super) fn open(&self, subject: &Arc<str>) -> Result<Open, TooMuch> {
        self.take(&self.open, Arc::clone(subject), "WebSockets and streams", "of one principal")
    }

    /// A place for a socket until it has said who it is.
    pub(super) fn ungreeted(&self, from: IpAddr) -> Result<Ungreeted, TooMuch> {
        self.take(
            &self.ungreeted,
            neighbourhood(from),
            "WebSockets without connection_init",
            "from one address",
        )
    }

    fn take<K: Key>(
        &self,
        room: &Arc<Room<K>>,
        whose: K,
        what: &str,
        of_one: &str,
    ) -> Result<Place<K>, TooMuch> {
        let too_much = |message| TooMuch { message, wait: COME_AGAIN };
        let told = self.told.subscribe();
        if *told.borrow() {
            return Err(too_much("The gateway is stopping: come again in a moment".to_owned()));
        }
        room.take(&whose).map_err(|full| {
            let (most, of_one) = match full {
                Full::InAll => (room.most.in_all, String::new()),
                Full::OfOne => (room.most.of_one, format!(" {of_one}")),
            };
            too_much(format!(
                "{most} {what}{of_one} are open here, the most there may be: close some, or come again later"
            ))
        })?;
        Ok(Place { told, room: Arc::clone(room), whose })
    }

    /// Tells all to end. Whether they all have before the time was over.
    pub(super) async fn stop(&self, within: Duration) -> bool {
        self.told.send_replace(true);
        let all_ended = tokio::time::timeout(within, self.told.closed()).await.is_ok();
        if !all_ended {
            tracing::warn!("WebSockets or streams are cut that did not end in time");
        }
        all_ended
    }
}

impl<K: Key> Place<K> {
    /// Returns once the program is to end.
    pub(super) fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut told = self.told.clone();
        async move {
            let _ = told.wait_for(|told| *told).await;
        }
    }
}

impl<K: Key> Drop for Place<K> {
    fn drop(&mut self) {
        self.room.give_back(&self.whose);
    }
}

impl<K: Key> Room<K> {
    fn new(most: Most) -> Self {
        Self { most, taken: Mutex::new(Taken { in_all: 0, by: BTreeMap::new() }) }
    }

    fn taken(&self) -> MutexGuard<'_, Taken<K>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, whose: &K) -> Result<(), Full> {
        let mut taken = self.taken();
        if taken.in_all >= self.most.in_all {
            return Err(Full::InAll);
        }
        let of_one = taken.by.get(whose).copied().unwrap_or(0);
        if of_one >= self.most.of_one {
            return Err(Full::OfOne);
        }
        taken.by.insert(whose.clone(), of_one + 1);
        taken.in_all += 1;
        Ok(())
    }

    fn give_back(&self, whose: &K) {
        let mut taken = self.taken();
        taken.in_all -= 1;
        if let Some(of_one) = taken.by.get_mut(whose) {
            *of_one -= 1;
            if *of_one == 0 {
                taken.by.remove(whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[tokio::test]
    async fn each_has_so_many_and_all_have_so_many() {
        let places = Places::new();
        let mut held = Vec::new();
        for whose in 0..OPEN.in_all / OPEN.of_one {
            let subject: Arc<str> = whose.to_string().into();
            held.extend((0..OPEN.of_one).map(|_| places.open(&subject).expect("there is one")));
            let refused = places.open(&subject).err().expect("one too many").message;
            assert!(
                refused.starts_with("100 WebSockets and streams of one principal") || whose == 19,
                "{refused}"
            );
        }
        let refused = places.open(&"another".into()).err().expect("none is left").message;
        assert!(refused.starts_with("2000 WebSockets and streams are open here"), "{refused}");
        // Whoever is not known yet takes none of these, nor gives one back to them.
        drop(places.ungreeted(address("10.0.0.1")).expect("a room of its own"));
        assert!(places.open(&"another".into()).is_err());
        drop(held.pop());
        assert!(places.open(&"another".into()).is_ok());
        drop(held);
        assert!(places.open.taken().by.is_empty(), "nobody is remembered who has left");
    }

    #[tokio::test]
    async fn an_address_cannot_keep_others_waiting() {
        let places = Places::new();
        let crowd: Vec<_> = (0..UNGREETED.of_one)
            .map(|at| places.ungreeted(address(&format!("2001:db8::{at:x}"))).expect("there is one"))
            .collect();
        let refused =
            places.ungreeted(address("2001:db8::ffff")).err().expect("of the same customer").message;
        assert!(refused.starts_with("250 WebSockets without connection_init from one address"), "{refused}");
        assert!(places.ungreeted(address("2001:db8:0:1::1")).is_ok());
        drop(crowd);
        assert!(places.ungreeted(address("2001:db8::ffff")).is_ok());
    }

    #[tokio::test]
    async fn the_end_is_told_to_all_and_waited_for() {
        let places = Places::new();
        let open = places.open(&"somebody".into()).expect("there is one");
        let ungreeted = places.ungreeted(address("10.0.0.1")).expect("there is one");
        let ends = async {
            open.stopping().await;
            ungreeted.stopping().await;
            drop((open, ungreeted));
        };
        let (all_ended, ()) = tokio::join!(places.stop(Duration::from_mins(1)), ends);
        assert!(all_ended);
        for refused in [places.open(&"somebody".into()).err(), places.ungreeted(address("10.0.0.1")).err()] {
            assert!(refused.expect("no more").message.contains("is stopping"));
        }
        let places = Places::new();
        let _stays = places.open(&"somebody".into()).expect("there is one");
        assert!(!places.stop(Duration::from_millis(1)).await);
    }
}
