//! The list of service accounts, which has no parameters of its own.

use super::page::Listed;
use crate::extract::{ParamReader, Parameter};
use roster_domain::{Limit, ServiceAccountName, ServiceAccountQuery};

impl Listed for ServiceAccountQuery {
    const PATH: &'static str = "/service-accounts";
    const PARAMETERS: &'static [Parameter] = &[];

    fn read(_: &mut ParamReader, limit: Limit) -> Self {
        Self { limit, after: None }
    }

    fn start_after(&mut self, position: ServiceAccountName) {
        self.after = Some(position);
    }
}
