//! Roster goes on when its database fails over to a standby, stops, ends connections, or does not answer for a while.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ledger;
mod limits;
mod outages;
mod setup;
