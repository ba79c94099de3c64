//! `[metrics]`

use crate::fields::SettingsReader;
use crate::rules;

/// The metrics page.
#[derive(Debug)]
pub struct Metrics {
    /// Who can read it.
    pub access: MetricsAccess,
}

/// Who can read the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetricsAccess {
    /// Anyone.
    Open,
    /// Callers with the permission to read metrics.
    Bearer,
    /// Nobody: the page does not exist.
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
