//! What was measured, and the table of it.

use std::fmt;

use crate::pace::Latencies;

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Figure {
    /// Latencies in milliseconds.
    Millis {
        p50: f64,
        p99: f64,
    },
    /// The 99th percentile in milliseconds.
    Tail(f64),
    Micros(f64),
    PerSecond(f64),
    Seconds(f64),
    Megabytes(f64),
}

/// The figures of one engine, in the order of the table.
#[derive(Debug, Default)]
pub(super) struct Figures(Vec<(String, Figure)>);

impl Figure {
    /// The percentiles of these latencies.
    pub(super) fn of(latencies: &Latencies) -> Self {
        Self::Millis { p50: latencies.percentile(0.5), p99: latencies.percentile(0.99) }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Millis { p50, p99 } => write!(f, "{} / {} ms", digits(p50), digits(p99)),
            Self::Tail(p99) => write!(f, "{} ms", digits(p99)),
            Self::Micros(micros) => write!(f, "{micros:.0} µs"),
            Self::PerSecond(rate) => write!(f, "{rate:.0} /s"),
            Self::Seconds(seconds) => write!(f, "{seconds:.2} s"),
            Self::Megabytes(megabytes) => write!(f, "{megabytes:.0} MB"),
        }
    }
}

impl Figures {
    /// Adds a row.
    pub(super) fn add(&mut self, name: impl Into<String>, figure: Figure) {
        let name = name.into();
        eprintln!("{name}: {figure}");
        self.0.push((name, figure));
    }

    fn of(&self, name: &str) -> Option<Figure> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, figure)| *figure)
    }
}

/// Prints a Markdown table with a column for each engine. The rows are those of all engines.
pub(super) fn print(columns: &[(&str, Figures)]) {
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    println!("| | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
    let mut rows: Vec<&str> = Vec::new();
    for (name, _) in columns.iter().flat_map(|(_, figures)| &figures.0) {
        if !rows.contains(&name.as_str()) {
            rows.push(name);
        }
    }
    for row in rows {
        let cell = |(_, figures): &(&str, Figures)| {
            figures.of(row).map_or_else(|| "–".to_owned(), |figure| figure.to_string())
        };
        println!("| {row} | {} |", columns.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
}

/// Two significant digits, or whole milliseconds.
fn digits(millis: f64) -> String {
    match millis {
        small if small < 1.0 => format!("{small:.2}"),
        medium if medium < 10.0 => format!("{medium:.1}"),
        large => format!("{large:.0}"),
    }
}
