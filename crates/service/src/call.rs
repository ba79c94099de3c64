//! Who asks, and from where.

use roster_domain::{ClientNetwork, Origin, Principal};
use std::net::IpAddr;

/// One request to a use case.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
}

impl Call {
    /// A call of the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self { principal: Principal::operator(), origin: Origin::default() }
    }

    /// Whom this call counts for, where clients are limited.
    pub(crate) fn client(&self) -> ClientNetwork {
        self.origin.ip.into()
    }

    /// Where password hashing for this call queues.
    pub(crate) const fn address(&self) -> Option<IpAddr> {
        self.origin.ip
    }
}
