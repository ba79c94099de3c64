//! Metrics that are read from elsewhere at each scrape.

use std::collections::HashMap;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use super::error::MetricsError;

/// Reads a state once per scrape and exports it as several metrics.
pub(super) struct PulledCollector<T> {
    read: Box<dyn Fn() -> T + Send + Sync>,
    rows: Vec<Row<T>>,
}

struct Row<T> {
    description: Desc,
    kind: Kind,
    samples: fn(&T) -> Samples,
}

#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
}

/// The samples of one metric.
pub(super) enum Samples {
    /// One value.
    One(u64),
    /// A value for each value of a label.
    By(&'static str, Vec<(&'static str, u64)>),
}

impl<T> PulledCollector<T> {
    pub(super) fn new(read: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self { read: Box::new(read), rows: Vec::new() }
    }

    /// Adds a counter.
    pub(super) fn counter(
        self,
        name: &str,
        help: &str,
        value: fn(&T) -> Samples,
    ) -> Result<Self, MetricsError> {
        self.row(name, help, Kind::Counter, value)
    }

    /// Adds a gauge.
    pub(super) fn gauge(
        self,
        name: &str,
        help: &str,
        value: fn(&T) -> Samples,
    ) -> Result<Self, MetricsError> {
        self.row(name, help, Kind::Gauge, value)
    }

    fn row(
        mut self,
        name: &str,
        help: &str,
        kind: Kind,
        samples: fn(&T) -> Samples,
    ) -> Result<Self, MetricsError> {
        let description = Desc::new(name.to_owned(), help.to_owned(), Vec::new(), HashMap::new())?;
        self.rows.push(Row { description, kind, samples });
        Ok(self)
    }
}

impl<T> Collector for PulledCollector<T> {
    fn desc(&self) -> Vec<&Desc> {
        self.rows.iter().map(|row| &row.description).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let state = (self.read)();
        self.rows.iter().map(|row| row.family(&state)).collect()
    }
}

impl<T> Row<T> {
    fn family(&self, state: &T) -> MetricFamily {
        let mut family = MetricFamily::default();
        family.set_name(self.description.fq_name.clone());
        family.set_help(self.description.help.clone());
        family.set_field_type(match self.kind {
            Kind::Counter => MetricType::COUNTER,
            Kind::Gauge => MetricType::GAUGE,
        });
        family.set_metric(match (self.samples)(state) {
            Samples::One(value) => vec![self.metric(Vec::new(), value)],
            Samples::By(label, values) => {
                values.into_iter().map(|(name, value)| self.metric(vec![pair(label, name)], value)).collect()
            }
        });
        family
    }

    fn metric(&self, labels: Vec<LabelPair>, value: u64) -> Metric {
        #[expect(clippy::cast_precision_loss, reason = "Prometheus has doubles; counts are exact to 2^53")]
        let value = value as f64;
        let mut metric = Metric::from_label(labels);
        match self.kind {
            Kind::Counter => {
                let mut counter = Counter::default();
                counter.set_value(value);
                metric.set_counter(counter);
            }
            Kind::Gauge => {
                let mut gauge = Gauge::default();
                gauge.set_value(value);
                metric.set_gauge(gauge);
            }
        }
        metric
    }
}

fn pair(label: &str, value: &str) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(label.to_owned());
    pair.set_value(value.to_owned());
    pair
}
