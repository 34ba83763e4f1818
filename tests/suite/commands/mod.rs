//! The program itself: what it says and how it ends (0 done, 1 failed, 2 duplicate addresses, 64 wrong usage).

mod export;
mod leftovers;
mod refusals;
mod serving;
mod setting;
mod usage;
