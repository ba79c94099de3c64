//! Read replicas of the database: lists are read from one that has everything that this server knows to be committed.

mod position;
mod replica;
mod set;

pub(crate) use set::{ChosenReplica, ReadReplicas};
