//! What the fields of a record say about its status, taken together.

use jiff::Timestamp;
use roster_domain::{PendingReason, PendingReasons, Status};

/// The restrictions that the fields ask for. The strictest one counts.
#[derive(Default)]
pub(crate) struct Restrictions {
    disabled: bool,
    since: Option<Timestamp>,
    unverified: bool,
    reasons: Vec<PendingReason>,
}

impl Restrictions {
    /// A field says that the account is disabled. Of several times the earliest one counts.
    pub(crate) fn disable(&mut self, since: Option<Timestamp>) {
        self.disabled = true;
        self.since = self.since.into_iter().chain(since).min();
    }

    /// A field says that the account is pending, which in other systems means unverified.
    pub(crate) const fn mark_unverified(&mut self) {
        self.unverified = true;
    }

    /// The account stays pending for this reason.
    pub(crate) fn add_reason(&mut self, reason: PendingReason) {
        self.reasons.push(reason);
    }

    /// The resulting status. `exported` are the reasons that an export of Roster gives: they replace `unverified`, except
    /// that whether there is a password is decided by this import. `changed_at` replaces a missing time of disabling.
    pub(crate) fn into_status(
        mut self,
        exported: Option<PendingReasons>,
        changed_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Status {
        if self.disabled {
            let since = self.since.or(changed_at).unwrap_or(now);
            return Status::Disabled { since: since.min(now) };
        }
        if self.unverified && exported.is_none() {
            self.reasons.push(PendingReason::Unverified);
        }
        let exported = exported.into_iter().flat_map(PendingReasons::iter);
        self.reasons.extend(exported.filter(|reason| *reason != PendingReason::NoPassword));
        PendingReasons::new(self.reasons).map_or(Status::Active, |reasons| Status::Pending { reasons })
    }
}
