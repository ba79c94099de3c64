//! `[metrics]`

use crate::fields::SettingsReader;
use crate::rules;

/// The metrics page.
#[derive(Debug)]
pub struct Metrics {
    /// Who may read it.
    pub access: MetricsAccess,
}

/// Who may read the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetricsAccess {
    /// Anyone.
    Open,
    /// Whoever holds the permission to read metrics.
    Bearer,
    /// No one: the page is not there.
    #[default]
    Off,
}

impl Metrics {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let words =
            [("open", MetricsAccess::Open), ("bearer", MetricsAccess::Bearer), ("off", MetricsAccess::Off)];
        Self { access: fields.one("metrics.access", rules::one_of(words)) }
    }
}
