//! Exports that other systems import.

mod auth0;
mod django;
mod firebase;
mod hash;
mod keycloak;
mod peer;

pub(super) use auth0::Auth0;
pub(super) use django::Django;
pub(super) use firebase::Firebase;
pub(super) use keycloak::Keycloak;
pub(super) use peer::PeerWriter;
