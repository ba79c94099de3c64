//! What the list of service accounts takes: nothing but what every list does.

use super::Listed;
use crate::extract::{ParamReader, Parameter};
use roster_domain::{Limit, ServiceAccountName, ServiceAccountQuery};

impl Listed for ServiceAccountQuery {
    const PATH: &'static str = "/service-accounts";
    const PARAMETERS: &'static [Parameter] = &[];

    fn read(_: &mut ParamReader, limit: Limit) -> Self {
        Self { limit, after: None }
    }

    fn go_on(&mut self, place: ServiceAccountName) {
        self.after = Some(place);
    }
}
