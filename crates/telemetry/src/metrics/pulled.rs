//! Values that live elsewhere and are read at each scrape.

use std::collections::HashMap;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Gauge, Metric, MetricFamily, MetricType};

use super::{MetricsError, Reading};

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
}

/// One such value.
pub(super) struct Pulled {
    description: Desc,
    kind: Kind,
    read: Reading,
}

impl Pulled {
    pub(super) fn new(name: &str, help: &str, kind: Kind, read: Reading) -> Result<Self, MetricsError> {
        let description = Desc::new(name.to_owned(), help.to_owned(), Vec::new(), HashMap::new())?;
        Ok(Self { description, kind, read })
    }
}

impl Collector for Pulled {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.description]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        #[expect(clippy::cast_precision_loss, reason = "Prometheus has doubles; counts are exact to 2^53")]
        let value = (self.read)() as f64;
        let mut family = MetricFamily::default();
        family.set_name(self.description.fq_name.clone());
        family.set_help(self.description.help.clone());
        let mut metric = Metric::default();
        match self.kind {
            Kind::Counter => {
                let mut counter = Counter::default();
                counter.set_value(value);
                metric.set_counter(counter);
                family.set_field_type(MetricType::COUNTER);
            }
            Kind::Gauge => {
                let mut gauge = Gauge::default();
                gauge.set_value(value);
                metric.set_gauge(gauge);
                family.set_field_type(MetricType::GAUGE);
            }
        }
        family.set_metric(vec![metric]);
        vec![family]
    }
}
