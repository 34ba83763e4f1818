//! Counts and states of the whole fleet, as far as the caller may see it.

use resolvers_macros::object;
use schema::drift::FindingState as Finding;
use schema::fact::{GuestStatus as Guest, NodeStatus as Node};
use schema::view::PathState as Path;
use schema::{SourceState as Source, Timestamp};

use crate::RequestContext;
use crate::access::Visible;
use crate::objects::DriftFinding;
use crate::scalar::DateTime;

/// Counts and states of the whole fleet at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FleetStatus {
    at: Timestamp,
    counts: Counts,
}

/// What a status says; two that say the same are one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    guests: StatusCounts,
    nodes: StatusCounts,
    sources: StatusCounts,
    paths: StatusCounts,
    open_findings: usize,
}

/// How many there are of something, and how they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StatusCounts {
    total: usize,
    ok: usize,
    warning: usize,
    down: usize,
    unknown: usize,
}

/// How one thing is.
#[derive(Clone, Copy)]
enum Health {
    Ok,
    Warning,
    Down,
    Unknown,
}

impl FleetStatus {
    pub(super) fn of(context: &RequestContext) -> Self {
        let view = &context.view;
        let guests = seen(context, view.guests().iter()).filter(|guest| !view.guest(*guest).template);
        let guests = guests.map(|guest| match view.guest(guest).status {
            Guest::Running => Health::Ok,
            Guest::Paused | Guest::Suspended => Health::Warning,
            Guest::Stopped => Health::Down,
            Guest::Unknown => Health::Unknown,
        });
        let nodes = seen(context, view.nodes().iter()).map(|node| match view.node(node).status {
            Node::Online => Health::Ok,
            Node::Offline => Health::Down,
            Node::Unknown => Health::Unknown,
        });
        let sources =
            seen(context, view.sources()).map(|source| match view.source_state(source, context.now) {
                Source::Current => Health::Ok,
                Source::Stale => Health::Warning,
                Source::Failed => Health::Down,
                Source::Pending => Health::Unknown,
            });
        let paths = seen(context, view.paths().iter()).map(|path| match view.path(path).state() {
            Path::Complete => Health::Ok,
            Path::Partial | Path::Ambiguous => Health::Warning,
            Path::Broken => Health::Down,
        });
        let open = context.findings.iter().filter(|tracked| tracked.state == Finding::Open);
        let counts = Counts {
            guests: guests.collect(),
            nodes: nodes.collect(),
            sources: sources.collect(),
            paths: paths.collect(),
            open_findings: open.filter(|tracked| DriftFinding::see(context, tracked).is_some()).count(),
        };
        Self { at: context.now, counts }
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }
}

fn seen<T: Visible>(context: &RequestContext, all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    all.filter(|one| one.visible(context))
}

impl FromIterator<Health> for StatusCounts {
    fn from_iter<I: IntoIterator<Item = Health>>(healths: I) -> Self {
        let mut counts = Self::default();
        for health in healths {
            counts.total += 1;
            *match health {
                Health::Ok => &mut counts.ok,
                Health::Warning => &mut counts.warning,
                Health::Down => &mut counts.down,
                Health::Unknown => &mut counts.unknown,
            } += 1;
        }
        counts
    }
}

/// Counts and states of the whole fleet, of what the caller may see.
#[object]
impl FleetStatus {
    fn at(&self) -> DateTime {
        DateTime(self.at)
    }

    /// Without templates. ok: RUNNING; warning: PAUSED, SUSPENDED; down: STOPPED.
    fn guests(&self) -> StatusCounts {
        self.counts.guests
    }

    /// ok: ONLINE; down: OFFLINE.
    fn nodes(&self) -> StatusCounts {
        self.counts.nodes
    }

    /// Host agents are not built yet: none.
    fn agents(&self) -> StatusCounts {
        StatusCounts::default()
    }

    /// ok: CURRENT; warning: STALE; down: FAILED; unknown: PENDING.
    fn sources(&self) -> StatusCounts {
        self.counts.sources
    }

    /// ok: COMPLETE; warning: PARTIAL, AMBIGUOUS; down: BROKEN.
    fn paths(&self) -> StatusCounts {
        self.counts.paths
    }

    /// Findings that are OPEN.
    fn open_findings(&self) -> usize {
        self.counts.open_findings
    }
}

/// How many there are of something, and how they are.
#[object]
impl StatusCounts {
    fn total(&self) -> usize {
        self.total
    }

    fn ok(&self) -> usize {
        self.ok
    }

    fn warning(&self) -> usize {
        self.warning
    }

    fn down(&self) -> usize {
        self.down
    }

    fn unknown(&self) -> usize {
        self.unknown
    }
}
