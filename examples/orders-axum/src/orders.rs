//! What the service does, and for whom.

use crate::problem::Body;
use crate::store::{NewOrder, Order, Orders};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Json, Router};
use roster_auth::tower::{AuthLayer, Caller};
use std::sync::Arc;

/// The routes, each behind the check that it needs.
pub(crate) fn router(auth: &AuthLayer) -> Router {
    // `clerk` is a role that only this service knows; Roster stores it and gives it no meaning.
    let clerks = auth.clone().with_permission("orders:read-all", |caller| caller.roles.contains("clerk"));
    Router::new()
        .route("/orders", get(list_own).post(place).layer(auth.clone()))
        .route("/orders/all", get(list_all).layer(clerks))
        .layer(DefaultBodyLimit::max(NewOrder::MAX_BYTES))
        .with_state(Arc::new(Orders::default()))
}

async fn list_own(
    State(orders): State<Arc<Orders>>,
    Extension(caller): Extension<Caller>,
) -> Json<Vec<Order>> {
    let buyer = caller.sub.to_string();
    Json(orders.of(|order| order.buyer == buyer))
}

async fn list_all(State(orders): State<Arc<Orders>>) -> Json<Vec<Order>> {
    Json(orders.of(|_| true))
}

async fn place(
    State(orders): State<Arc<Orders>>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<NewOrder>,
) -> (StatusCode, Json<Order>) {
    let order = Order { buyer: caller.sub.to_string(), item: new.item };
    orders.add(order.clone());
    (StatusCode::CREATED, Json(order))
}
