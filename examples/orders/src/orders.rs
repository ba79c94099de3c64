//! The service itself: what it does, and for whom.

use crate::problem;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, JsonConfig, ServiceConfig};
use roster_auth::actix::{Authenticated, Authorized, Permit};
use roster_auth::token::Claims;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// What a person ordered.
#[derive(Clone, Serialize)]
struct Order {
    /// The id that the person has at Roster.
    buyer: String,
    item: String,
}

/// The body of a new order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    item: String,
}

/// All orders. A real service has a database.
#[derive(Default)]
pub(crate) struct Orders(Mutex<Vec<Order>>);

/// Read everybody's orders. Those may who have the role `clerk` at Roster, which gives it no meaning of its own.
struct ReadAllOrders;

impl Permit for ReadAllOrders {
    const NAME: &'static str = "orders:read-all";

    fn is_held_by(caller: &Arc<Claims>) -> bool {
        caller.roles.contains("clerk")
    }
}

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .app_data(JsonConfig::default().error_handler(problem::of_body))
        .route("/orders", web::get().to(list_own))
        .route("/orders", web::post().to(place))
        .route("/orders/all", web::get().to(list_all));
}

async fn list_own(orders: Data<Orders>, caller: Authenticated) -> Json<Vec<Order>> {
    let buyer = caller.sub.to_string();
    Json(orders.of(|order| order.buyer == buyer))
}

async fn list_all(orders: Data<Orders>, _: Authorized<ReadAllOrders>) -> Json<Vec<Order>> {
    Json(orders.of(|_| true))
}

async fn place(orders: Data<Orders>, caller: Authenticated, new: Json<NewOrder>) -> HttpResponse {
    let order = Order { buyer: caller.sub.to_string(), item: new.into_inner().item };
    orders.add(order.clone());
    HttpResponse::Created().json(order)
}

impl Orders {
    fn of(&self, wanted: impl Fn(&Order) -> bool) -> Vec<Order> {
        let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        orders.iter().filter(|order| wanted(order)).cloned().collect()
    }

    fn add(&self, order: Order) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(order);
    }
}
