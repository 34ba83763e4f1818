//! Places of what lasts, sockets and streams, each of which holds one until it ends; and the end of the program, as they hear
//! of it.
//!
//! Whoever has not said yet who it is waits in a smaller room, so that nobody without a token can take the places of those
//! who have one; and where that room is full, whoever has waited longest gives way, so that nobody can keep others out of it
//! by saying nothing.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::rates::{TooMuch, neighbourhood};

/// Sockets and streams that are open at once, at most; and those of one principal.
const OPEN: Most = Most { in_all: 2_000, of_one: 100 };
/// Subscriptions that run at once, whichever way: each looks at the whole fleet whenever that changes.
const WATCHING: Most = Most { in_all: 2_000, of_one: 50 };
/// Sockets whose `connection_init` has not come yet; and those of one address, which may be a proxy's.
const UNGREETED: Most = Most { in_all: 1_000, of_one: 250 };
/// Whoever finds no place may come again after this.
const COME_AGAIN: Duration = Duration::from_secs(10);

/// All places, and the word that everything is to end.
pub(super) struct Places {
    told: watch::Sender<bool>,
    open: Arc<Room>,
    watching: Arc<Room>,
    ungreeted: Arc<Room>,
}

/// Whose a place is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Principal(Arc<str>),
    Address(IpAddr),
}

/// A place in a room, given back when it is dropped.
pub(super) struct Place {
    told: watch::Receiver<bool>,
    room: Arc<Room>,
    whose: Whose,
    wanted: Arc<Notify>,
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

/// What those do who have a place where there is none left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manners {
    Stay,
    /// Whoever came first leaves: of the same, or of those who have most.
    GiveWay,
}

struct Room {
    /// What has places there.
    of: &'static str,
    most: Most,
    manners: Manners,
    taken: Mutex<Taken>,
}

struct Taken {
    in_all: usize,
    /// Each of those who have some, the oldest place first.
    by: BTreeMap<Whose, VecDeque<Arc<Notify>>>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self {
            told: watch::Sender::new(false),
            open: Arc::new(Room::new("WebSockets and streams", OPEN, Manners::Stay)),
            watching: Arc::new(Room::new("subscriptions", WATCHING, Manners::Stay)),
            ungreeted: Arc::new(Room::new("WebSockets without connection_init", UNGREETED, Manners::GiveWay)),
        }
    }

    /// A place for a principal's socket or stream, where there is one left and the program is not ending.
    pub(super) fn open(&self, subject: &Arc<str>) -> Result<Place, TooMuch> {
        self.take(&self.open, Whose::Principal(Arc::clone(subject)))
    }

    /// A place for a principal's subscription, on the same terms.
    pub(super) fn watching(&self, subject: &Arc<str>) -> Result<Place, TooMuch> {
        self.take(&self.watching, Whose::Principal(Arc::clone(subject)))
    }

    /// A place for a socket until it has said who it is, where the program is not ending.
    pub(super) fn ungreeted(&self, from: IpAddr) -> Result<Place, TooMuch> {
        self.take(&self.ungreeted, Whose::Address(neighbourhood(from)))
    }

    fn take(&self, room: &Arc<Room>, whose: Whose) -> Result<Place, TooMuch> {
        let too_much = |message| TooMuch { message, wait: COME_AGAIN };
        let told = self.told.subscribe();
        if *told.borrow() {
            return Err(too_much("The gateway is stopping: come again in a moment".to_owned()));
        }
        let wanted = room.take(&whose).map_err(|full| {
            let (most, whose) = match full {
                Full::InAll => (room.most.in_all, ""),
                Full::OfOne => (room.most.of_one, " of yours"),
            };
            let what = room.of;
            too_much(format!(
                "{most} {what}{whose} are open here, the most there may be: end some, or come again later"
            ))
        })?;
        Ok(Place { told, room: Arc::clone(room), whose, wanted })
    }

    /// Whether all have been told to end.
    pub(super) fn is_stopping(&self) -> bool {
        *self.told.borrow()
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

impl Place {
    /// Returns once the program is to end.
    pub(super) fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut told = self.told.clone();
        async move {
            let _ = told.wait_for(|told| *told).await;
        }
    }

    /// Returns once it was given to somebody else, which only that of a socket without `connection_init` is.
    pub(super) async fn wanted(&self) {
        self.wanted.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.taken().give_back(&self.whose, &self.wanted);
    }
}

impl Room {
    fn new(of: &'static str, most: Most, manners: Manners) -> Self {
        Self { of, most, manners, taken: Mutex::new(Taken { in_all: 0, by: BTreeMap::new() }) }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place; what tells whoever holds it that it is wanted.
    fn take(&self, whose: &Whose) -> Result<Arc<Notify>, Full> {
        let mut taken = self.taken();
        loop {
            let of_one = taken.by.get(whose).map_or(0, VecDeque::len);
            let (full, of_whom) = if of_one >= self.most.of_one {
                (Full::OfOne, Some(whose.clone()))
            } else if taken.in_all >= self.most.in_all {
                let most = taken.by.iter().max_by_key(|(_, places)| places.len());
                (Full::InAll, most.map(|(whose, _)| whose.clone()))
            } else {
                break;
            };
            let Some(of_whom) = of_whom.filter(|_| self.manners == Manners::GiveWay) else {
                return Err(full);
            };
            taken.give_way(&of_whom);
        }
        let wanted = Arc::new(Notify::new());
        taken.by.entry(whose.clone()).or_default().push_back(Arc::clone(&wanted));
        taken.in_all += 1;
        Ok(wanted)
    }
}

impl Taken {
    /// The oldest place of somebody is taken away.
    fn give_way(&mut self, whose: &Whose) {
        let oldest = self.by.get(whose).and_then(VecDeque::front).cloned();
        if let Some(oldest) = oldest {
            oldest.notify_one();
            self.give_back(whose, &oldest);
        }
    }

    /// Nothing where it was taken away.
    fn give_back(&mut self, whose: &Whose, wanted: &Arc<Notify>) {
        let Some(places) = self.by.get_mut(whose) else { return };
        let Some(at) = places.iter().position(|one| Arc::ptr_eq(one, wanted)) else { return };
        places.remove(at);
        self.in_all -= 1;
        if places.is_empty() {
            self.by.remove(whose);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn each_has_so_many_and_all_have_so_many() {
        let places = Places::new();
        let mut held = Vec::new();
        let refused =
            |places: &Places, whose: &str| places.open(&whose.into()).err().expect("one too many").message;
        for whose in 0..OPEN.in_all / OPEN.of_one {
            let subject: Arc<str> = whose.to_string().into();
            held.extend((0..OPEN.of_one).map(|_| places.open(&subject).expect("there is one")));
        }
        assert!(refused(&places, "7").starts_with("100 WebSockets and streams of yours are open here"));
        assert!(refused(&places, "another").starts_with("2000 WebSockets and streams are open here"));
        // Whoever is not known yet takes none of these, nor gives one back to them; nor does a subscription.
        drop(places.ungreeted(address("10.0.0.1")).expect("a room of its own"));
        drop(places.watching(&"7".into()).expect("a room of its own"));
        assert!(places.open(&"another".into()).is_err());
        drop(held.pop());
        assert!(places.open(&"another".into()).is_ok());
        drop(held);
        assert!(
            places.open.taken().by.is_empty() && places.open.taken().in_all == 0,
            "nobody is remembered who has left"
        );
    }

    #[tokio::test]
    async fn who_keeps_others_waiting_gives_way() {
        let places = Places::new();
        let take = |from: &str| places.ungreeted(address(from)).expect("there is always one");
        let is_wanted = |place: &Place| place.wanted().now_or_never().is_some();
        let other = take("2001:db8:0:1::1");
        let mut crowd: Vec<_> = (0..UNGREETED.of_one).map(|at| take(&format!("2001:db8::{at:x}"))).collect();
        assert!(!crowd.iter().any(is_wanted), "there was room");
        // One more of the same customer: whoever of them came first.
        crowd.push(take("2001:db8::ffff"));
        assert!(is_wanted(&crowd[0]) && !crowd[1..].iter().any(is_wanted));
        // And where all places are taken, of those who have most.
        let rest = UNGREETED.in_all - UNGREETED.of_one - 1;
        let mut rest: Vec<_> = (0..rest).map(|at| take(&format!("10.0.{}.{}", at / 250, at % 250))).collect();
        rest.push(take("10.1.0.0"));
        assert!(is_wanted(&crowd[1]) && !is_wanted(&other) && !rest.iter().any(is_wanted));
        drop((other, crowd, rest));
        assert!(places.ungreeted.taken().by.is_empty() && places.ungreeted.taken().in_all == 0);
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
