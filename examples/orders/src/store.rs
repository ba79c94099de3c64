//! The orders, in memory. A real service has a database.

use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};

/// What a user ordered.
#[derive(Clone, Serialize)]
pub(crate) struct Order {
    /// The user's id at Roster.
    pub(crate) buyer: String,
    pub(crate) item: String,
}

/// The body of a new order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    pub(crate) item: String,
}

impl NewOrder {
    /// The maximum size of the body.
    pub(crate) const MAX_BYTES: usize = 16 * 1024;
}

/// All orders.
#[derive(Default)]
pub(crate) struct Orders(Mutex<Vec<Order>>);

impl Orders {
    pub(crate) fn of(&self, wanted: impl Fn(&Order) -> bool) -> Vec<Order> {
        let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        orders.iter().filter(|order| wanted(order)).cloned().collect()
    }

    pub(crate) fn add(&self, order: Order) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(order);
    }
}
