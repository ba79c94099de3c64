//! Commits: two trips to the server, repeated if the server asks for it, and resolved if their outcome is unknown.

mod attempt;
mod batch;
mod command;
mod current_state;
mod footprint;
mod judgement;
mod new_users;
mod outcome;
mod required_rows;
mod series;
mod single;
mod trial;
mod turn;
mod writes;

pub(crate) use series::commit_all;
pub(crate) use single::commit;
pub(crate) use trial::try_write;
