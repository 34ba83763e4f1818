//! Lists that grow with the fleet: Relay connections with keyset cursors and a total count.

mod cursor;
mod sort;

pub(crate) use cursor::Cursor;
pub(crate) use sort::SortKey;

use std::cmp::Ordering;

use resolvers_macros::object;
use schema::ObjectId;

use crate::Refusal;
use crate::field::Defined;

/// An object that stands in connections.
pub(crate) trait Listed: Defined + crate::field::Output + Copy {
    /// `GuestConnection`
    const CONNECTION: &'static str;
    /// `GuestEdge`
    const EDGE: &'static str;

    /// Its key, which outlives the View.
    fn key(&self) -> ObjectId;

    /// Where it stands in its list to the object of that key, which need not be there any more.
    fn place(&self, other: &ObjectId) -> Ordering;
}

/// What a caller asks of a list.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    first: i32,
    after: Option<Cursor>,
}

/// The order that a caller chose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// The name of what is sorted by, as in the schema.
    pub(crate) by: &'static str,
    /// From the end.
    pub(crate) descending: bool,
}

impl Page {
    /// `first` objects, those after `after`.
    pub(crate) fn new(first: i32, after: Option<Cursor>) -> Self {
        Self { first, after }
    }

    /// A page of a list that is in the order of its keys.
    pub(crate) fn of<T: Listed>(
        self,
        length: usize,
        at: impl Fn(usize) -> T,
    ) -> Result<Connection<T>, Refusal> {
        let first = first_of(T::CONNECTION, self.first)?;
        let start = match &self.after {
            None => 0,
            Some(cursor) => {
                let after = cursor.of::<T>("")?;
                position(length, |index| at(index).place(after).is_le())
            }
        };
        let end = length.min(start.saturating_add(first));
        let edges =
            (start..end).map(|index| Edge { node: at(index), order: String::new(), key: SortKey::Absent });
        Ok(Connection { edges: edges.collect(), start, total: length })
    }

    /// A page of a few objects that are in the order of their keys.
    pub(crate) fn among<T: Listed>(self, items: &[T]) -> Result<Connection<T>, Refusal> {
        self.of(items.len(), |index| items[index])
    }

    /// A page of objects that are in the order of their keys, sorted by something else; equals stay in that order.
    pub(crate) fn sorted<T: Listed>(
        self,
        items: impl Iterator<Item = T>,
        order: Order,
        key: impl Fn(&T) -> SortKey,
    ) -> Result<Connection<T>, Refusal> {
        let first = first_of(T::CONNECTION, self.first)?;
        let mut sorted: Vec<(SortKey, T)> = items.map(|item| (key(&item), item)).collect();
        sorted.sort_by(|(one, _), (other, _)| one.compare(other, order.descending));
        let name = order.name();
        let start = match &self.after {
            None => 0,
            Some(cursor) => {
                let after = cursor.of::<T>(&name)?;
                position(sorted.len(), |index| {
                    let (key, item) = &sorted[index];
                    key.compare(&cursor.key, order.descending).then_with(|| item.place(after)).is_le()
                })
            }
        };
        let total = sorted.len();
        let page = sorted.into_iter().skip(start).take(first);
        let edges = page.map(|(key, node)| Edge { node, order: name.clone(), key }).collect();
        Ok(Connection { edges, start, total })
    }
}

/// How many objects `first` is. Whether a page may hold so many was decided by `cost`, before the operation began.
pub(crate) fn first_of(field: &str, first: i32) -> Result<usize, Refusal> {
    usize::try_from(first).map_err(|_| Refusal::NegativePage { field: field.to_owned() })
}

impl Order {
    fn name(self) -> String {
        format!("{}:{}", self.by, if self.descending { "DESC" } else { "ASC" })
    }
}

impl Cursor {
    /// The object after which to go on, where this is a cursor of such a list in this order.
    fn of<T: Listed>(&self, order: &str) -> Result<&ObjectId, Refusal> {
        let same_list = self.id.kind() == T::DEFINITION.name;
        if same_list && self.order == order { Ok(&self.id) } else { Err(Refusal::ForeignCursor) }
    }
}

/// How many of `length` things come before the first for which `before` is false.
fn position(length: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Connection<T> {
    edges: Vec<Edge<T>>,
    start: usize,
    total: usize,
}

/// An object of a page.
#[derive(Debug)]
pub(crate) struct Edge<T> {
    node: T,
    order: String,
    key: SortKey,
}

/// A page of a list.
#[object(name = T::CONNECTION)]
impl<T: Listed> Connection<T> {
    /// The objects of the page, each with its cursor.
    fn edges(&self) -> Vec<&Edge<T>> {
        self.edges.iter().collect()
    }

    /// The objects of the page.
    fn nodes(&self) -> Vec<T> {
        self.edges.iter().map(|edge| edge.node).collect()
    }

    /// Where the page stands in the list.
    fn page_info(&self) -> PageInfo {
        PageInfo {
            has_next: self.start + self.edges.len() < self.total,
            has_previous: self.start > 0,
            start: self.edges.first().map(Edge::cursor),
            end: self.edges.last().map(Edge::cursor),
        }
    }

    /// How many objects the whole list holds, all pages together.
    fn total_count(&self) -> usize {
        self.total
    }
}

/// An object of a page.
#[object(name = T::EDGE)]
impl<T: Listed> Edge<T> {
    /// Its place in the list, to go on from.
    fn cursor(&self) -> Cursor {
        Cursor { order: self.order.clone(), id: self.node.key(), key: self.key.clone() }
    }

    /// The object.
    fn node(&self) -> T {
        self.node
    }
}

/// Where a page stands in its list.
pub(crate) struct PageInfo {
    has_next: bool,
    has_previous: bool,
    start: Option<Cursor>,
    end: Option<Cursor>,
}

/// Where a page stands in its list.
#[object]
impl PageInfo {
    /// More follows.
    fn has_next_page(&self) -> bool {
        self.has_next
    }

    /// Something came before.
    fn has_previous_page(&self) -> bool {
        self.has_previous
    }

    /// The first object's.
    fn start_cursor(&self) -> Option<Cursor> {
        self.start.clone()
    }

    /// The last object's, to go on from.
    fn end_cursor(&self) -> Option<Cursor> {
        self.end.clone()
    }
}
