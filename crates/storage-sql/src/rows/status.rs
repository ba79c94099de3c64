//! A status, in three columns.

use jiff::Timestamp;
use roster_domain::{PendingReasons, Status, StatusKind};

use crate::error::ColumnError;
use crate::value::{Columns, Value};

/// The columns `status`, `disabled_at` and `pending_reasons`.
pub(super) fn values(status: Status) -> [Value<'static>; 3] {
    let (disabled_at, reasons) = match status {
        Status::Active => (None, None),
        Status::Pending { reasons } => (None, Some(reasons)),
        Status::Disabled { since } => (Some(since), None),
    };
    let reasons = reasons.map_or(Value::OptionalText(None), |reasons| {
        Value::optional_text(serde_json::to_string(&reasons).ok())
    });
    [Value::text(status.kind().as_str()), Value::optional_time(disabled_at), reasons]
}

/// Reads the three columns. An unknown word is an error: a reader must understand it to be safe.
pub(super) fn read(columns: &mut impl Columns) -> Result<Status, ColumnError> {
    let (kind, disabled_at) = (read_kind(columns)?, columns.optional_time("disabled_at")?);
    let reasons = columns.optional_text("pending_reasons")?;
    match kind {
        StatusKind::Active => Ok(Status::Active),
        StatusKind::Pending => {
            let stored = reasons.as_deref().unwrap_or("[]");
            let reasons: PendingReasons =
                serde_json::from_str(stored).map_err(|error| ColumnError::new("pending_reasons", error))?;
            Ok(Status::Pending { reasons })
        }
        StatusKind::Disabled => disabled(disabled_at),
    }
}

/// Reads `status` and `disabled_at` of an account that is never pending.
pub(super) fn read_settled(columns: &mut impl Columns) -> Result<Status, ColumnError> {
    let (kind, disabled_at) = (read_kind(columns)?, columns.optional_time("disabled_at")?);
    match kind {
        StatusKind::Active => Ok(Status::Active),
        StatusKind::Disabled => disabled(disabled_at),
        StatusKind::Pending => Err(ColumnError::new("status", "a service account is active or disabled")),
    }
}

fn read_kind(columns: &mut impl Columns) -> Result<StatusKind, ColumnError> {
    columns.text("status")?.parse().map_err(|error| ColumnError::new("status", error))
}

fn disabled(since: Option<Timestamp>) -> Result<Status, ColumnError> {
    since
        .map(|since| Status::Disabled { since })
        .ok_or_else(|| ColumnError::new("disabled_at", "a disabled account has a time here"))
}
