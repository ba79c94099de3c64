//! Which part of the list of service accounts.

use crate::cursor::{ListName, Paged};
use crate::{Limit, Page};
use crate::{ServiceAccount, ServiceAccountName};
use std::sync::Arc;

/// A question for a part of the service accounts, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceAccountQuery {
    /// How many at most.
    pub limit: Limit,
    /// Only those whose names come after this one.
    pub after: Option<ServiceAccountName>,
}

/// Part of the service accounts, by name.
pub type ServiceAccountPage = Page<Arc<ServiceAccount>, ServiceAccountName>;

impl Paged for ServiceAccountQuery {
    type Position = ServiceAccountName;

    fn name(&self, name: &mut ListName) {
        name.part(Some("service_accounts"));
    }
}
