//! Queries for service accounts.

use crate::cursor::{ListName, Paged};
use crate::{Limit, Page};
use crate::{ServiceAccount, ServiceAccountName};
use std::sync::Arc;

/// A query for a part of the service accounts, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceAccountQuery {
    /// The page size.
    pub limit: Limit,
    /// Only accounts whose names come after this one.
    pub after: Option<ServiceAccountName>,
}

/// A page of the service accounts, by name.
pub type ServiceAccountPage = Page<Arc<ServiceAccount>, ServiceAccountName>;

impl Paged for ServiceAccountQuery {
    type Position = ServiceAccountName;

    fn name(&self, name: &mut ListName) {
        name.part(Some("service_accounts"));
    }
}
