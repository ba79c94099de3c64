//! Formats an event as a JSON object on one line. It writes to a buffer of the thread, without an intermediate map,
//! and walks spans only if there are any.

use std::cell::Cell;
use std::error::Error;
use std::fmt::{self, Debug, Write};

use jiff::fmt::StdFmtWrite;
use jiff::fmt::temporal::DateTimePrinter;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing::{Event, Subscriber};
use tracing_log::NormalizeEvent;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::clock::Clock;
use super::escape::Escaped;

/// Writes `{"timestamp":…,"level":…,"target":…,`, the fields of the event and, inside spans, `"spans":[…]` from the
/// outermost to the innermost.
pub(super) struct JsonLines {
    clock: Clock,
    printer: DateTimePrinter,
}

impl JsonLines {
    pub(super) const fn new(clock: Clock) -> Self {
        Self { clock, printer: DateTimePrinter::new().precision(Some(6)) }
    }
}

impl<S> FormatEvent<S, JsonFields> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        compose(writer, |line| {
            line.push_str("{\"timestamp\":\"");
            let now = (self.clock)();
            self.printer.print_timestamp(&now, StdFmtWrite(&mut *line)).map_err(|_| fmt::Error)?;
            line.push_str("\",\"level\":\"");
            line.push_str(metadata.level().as_str());
            line.push_str("\",\"target\":\"");
            Escaped(line).write_str(metadata.target())?;
            line.push('"');
            let mut fields = Fields::after_others(line);
            event.record(&mut fields);
            fields.result?;
            if let Some(scope) = context.event_scope() {
                write_spans(line, scope)?;
            }
            line.push_str("}\n");
            Ok(())
        })
    }
}

thread_local! {
    /// The buffer of the line that this thread composes.
    static LINE: Cell<String> = const { Cell::new(String::new()) };
}

/// The bytes that the buffer of a thread keeps after a long line.
const USUAL: usize = 4 << 10;

/// Composes text and passes it on in one piece, since each call of a `Writer` is a virtual one.
fn compose(mut writer: Writer<'_>, text: impl FnOnce(&mut String) -> fmt::Result) -> fmt::Result {
    // A value that logs while it is formatted finds an empty buffer here, and composes its line beside this one.
    let mut line = LINE.take();
    let result = text(&mut line).and_then(|()| writer.write_str(&line));
    line.clear();
    line.shrink_to(USUAL);
    LINE.set(line);
    result
}

fn write_spans<S>(line: &mut String, scope: Scope<'_, S>) -> fmt::Result
where
    S: for<'a> LookupSpan<'a>,
{
    let mut before = ",\"spans\":[";
    for span in scope.from_root() {
        line.push_str(before);
        before = ",";
        line.push_str("{\"name\":\"");
        Escaped(line).write_str(span.name())?;
        line.push('"');
        if let Some(fields) = span.extensions().get::<FormattedFields<JsonFields>>() {
            line.push_str(fields);
        }
        line.push('}');
    }
    line.push(']');
    Ok(())
}

/// The fields of a span, each as `,"name":value`, to be appended to its name.
pub(super) struct JsonFields;

impl<'writer> FormatFields<'writer> for JsonFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        compose(writer, |line| {
            let mut visitor = Fields::after_others(line);
            fields.record(&mut visitor);
            visitor.result
        })
    }

    fn add_fields(&self, known: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        self.format_fields(known.as_writer(), fields)
    }
}

/// Writes each visited field.
struct Fields<'a> {
    line: &'a mut String,
    /// The first error, since a visitor cannot return it.
    result: fmt::Result,
}

impl<'a> Fields<'a> {
    /// Continues an object that already has members.
    const fn after_others(line: &'a mut String) -> Self {
        Self { line, result: Ok(()) }
    }

    fn member(&mut self, field: &Field, value: impl FnOnce(&mut String) -> fmt::Result) {
        let name = field.name();
        // The origin of `log` events is in the metadata.
        if self.result.is_err() || name.starts_with("log.") {
            return;
        }
        self.result = self.key(name).and_then(|()| value(self.line));
    }

    fn key(&mut self, name: &str) -> fmt::Result {
        let name = name.strip_prefix("r#").unwrap_or(name);
        let own = matches!(name, "timestamp" | "level" | "target" | "spans");
        self.line.push_str(if own { ",\"_" } else { ",\"" });
        Escaped(self.line).write_str(name)?;
        self.line.push_str("\":");
        Ok(())
    }
}

/// Appends a string.
fn string(line: &mut String, inside: impl FnOnce(&mut Escaped<'_>) -> fmt::Result) -> fmt::Result {
    line.push('"');
    inside(&mut Escaped(line))?;
    line.push('"');
    Ok(())
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |line| string(line, |text| text.write_str(value)));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |line| line.write_str(itoa::Buffer::new().format(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |line| line.write_str(itoa::Buffer::new().format(value)));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has neither NaN nor infinity (RFC 8259, section 6).
        self.member(
            field,
            |line| if value.is_finite() { write!(line, "{value}") } else { line.write_str("null") },
        );
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |line| write!(line, "{value}"));
    }

    /// The error with its whole chain of causes.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.member(field, |line| {
            string(line, |text| {
                write!(text, "{value}")?;
                let mut cause = value.source();
                while let Some(error) = cause {
                    write!(text, ": {error}")?;
                    cause = error.source();
                }
                Ok(())
            })
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.member(field, |line| string(line, |text| write!(text, "{value:?}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_composed_while_another_one_is_composed_is_whole_and_so_is_the_other() {
        let (mut outer, mut inner) = (String::new(), String::new());
        let composed = compose(Writer::new(&mut outer), |line| {
            line.push_str("outer, ");
            compose(Writer::new(&mut inner), |line| line.write_str("inner"))?;
            line.write_str("to its end")
        });
        assert_eq!((composed, outer.as_str(), inner.as_str()), (Ok(()), "outer, to its end", "inner"));
    }

    #[test]
    fn a_value_that_cannot_be_formatted_leaves_nothing_for_the_next_line() {
        let (mut failed, mut next) = (String::new(), String::new());
        let outcome = compose(Writer::new(&mut failed), |line| line.write_str("half").and(Err(fmt::Error)));
        assert_eq!((outcome, failed.as_str()), (Err(fmt::Error), ""));
        assert_eq!(compose(Writer::new(&mut next), |line| line.write_str("whole")), Ok(()));
        assert_eq!(next, "whole");
    }
}
