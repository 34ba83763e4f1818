//! Tests of the poller: the hold rule as data, the schedule and the tasks with time paused.

mod hold;
mod news;
mod poller;
