//! What the service does, and for whom.

use crate::problem;
use crate::store::{NewOrder, Order, Orders};
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, JsonConfig, ServiceConfig};
use roster_auth::actix::{Authenticated, Authorized, Permit};
use roster_auth::token::Claims;
use std::sync::Arc;

/// The permission to read all orders. It is held by those with the role `clerk`, which Roster stores and gives
/// no meaning.
struct ReadAllOrders;

impl Permit for ReadAllOrders {
    const NAME: &'static str = "orders:read-all";

    fn is_held_by(caller: &Arc<Claims>) -> bool {
        caller.roles.contains("clerk")
    }
}

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .app_data(JsonConfig::default().limit(NewOrder::MAX_BYTES).error_handler(problem::of_body))
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
