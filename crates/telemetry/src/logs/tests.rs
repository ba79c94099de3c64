//! The format of log lines.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing::{debug, error, info, info_span};

use super::*;

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `act` logs with this filter, at noon on New Year's Day 2026.
fn logged(format: Format, filter: &str, act: impl FnOnce()) -> String {
    let memory = Memory::default();
    let (lines, guard) = batch::start(memory.clone()).unwrap();
    let clock = || "2026-01-01T12:00:00.000001Z".parse().unwrap();
    let filter = LiveFilter::new(filter.parse().unwrap());
    let subscriber = subscriber(format, Colours::No, filter, lines, clock);
    tracing::subscriber::with_default(subscriber, act);
    drop(guard);
    let bytes = memory.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn one_json(act: impl FnOnce()) -> Value {
    let text = logged(Format::Json, "info", act);
    assert_eq!(text.matches('\n').count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_json_line_holds_time_level_target_and_every_field() {
    let line = one_json(|| {
        let (reason, absent) = ("late", Option::<u8>::None);
        info!(target: "roster::request", status = 200_u16, latency = 1.5, hit = true, reason, absent, delta = -1, "done");
    });
    let wanted = json!({
        "timestamp": "2026-01-01T12:00:00.000001Z", "level": "INFO", "target": "roster::request",
        "message": "done", "status": 200, "latency": 1.5, "hit": true, "reason": "late", "delta": -1,
    });
    assert_eq!(line, wanted);
}

#[test]
fn no_value_can_break_its_line() {
    let hostile = "\"},\n{\"level\":\"\\\u{0}\u{1b}[31m\t\r é🦀";
    let line = one_json(|| info!(shown = %hostile, plain = hostile, "{hostile}"));
    for field in ["shown", "plain", "message"] {
        assert_eq!(line[field], hostile);
    }
}

#[test]
fn numbers_that_json_lacks_are_null() {
    let line = one_json(|| info!(ratio = f64::NAN, bound = f64::INFINITY));
    assert_eq!((&line["ratio"], &line["bound"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_field_never_overrides_a_standard_member() {
    let line = one_json(|| info!(level = "mine", target = "mine", r#type = "user"));
    assert_eq!((&line["level"], &line["_level"]), (&json!("INFO"), &json!("mine")));
    assert_eq!((&line["_target"], &line["type"]), (&json!("mine"), &json!("user")));
}

#[test]
fn an_error_is_logged_with_all_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("cannot save")]
    struct Outer(#[source] io::Error);
    let failure = Outer(io::Error::other("disk \"full\""));
    let line = one_json(|| error!(error = &failure as &dyn std::error::Error));
    assert_eq!(line["error"], "cannot save: disk \"full\"");
}

#[test]
fn spans_are_listed_from_the_outermost_with_their_fields() {
    let line = one_json(|| {
        let outer = info_span!("request", request_id = "r1", principal = tracing::field::Empty).entered();
        outer.record("principal", "ada");
        let _inner = info_span!("commit").entered();
        info!("done");
    });
    let wanted = json!([{"name": "request", "request_id": "r1", "principal": "ada"}, {"name": "commit"}]);
    assert_eq!(line["spans"], wanted);
}

#[test]
fn the_filter_applies_by_target() {
    let text = logged(Format::Pretty, "warn,roster=debug", || {
        debug!(target: "roster::pool", "near");
        info!(target: "elsewhere", "far");
    });
    assert!(text.contains("near") && !text.contains("far"), "{text}");
}

#[test]
fn a_pretty_line_has_colours_only_on_a_terminal() {
    let text = logged(Format::Pretty, "info", || info!(target: "roster", port = 8000, "listening"));
    assert_eq!(text, "2026-01-01T12:00:00.000001Z  INFO roster: listening port=8000\n");
}

#[test]
fn an_invalid_filter_is_rejected_with_an_example() {
    let message = "info,roster=loud".parse::<Filter>().map(|_| ()).unwrap_err().to_string();
    assert!(message.contains("`info,roster=loud`") && message.contains("roster::access=warn"), "{message}");
}

#[test]
fn an_unknown_level_is_not_taken_for_a_target() {
    for filter in
        ["verbose", "warning", "5", "", "=", "info;roster=warn", "info,roster:access=warn", "roster"]
    {
        assert!(filter.parse::<Filter>().is_err(), "{filter:?}");
    }
    for filter in ["info", "WARN,roster::access=off", "off,actix_http::h1=error"] {
        assert!(filter.parse::<Filter>().is_ok(), "{filter:?}");
    }
}

#[test]
fn the_filter_can_be_replaced_at_run_time() {
    let memory = Memory::default();
    let (lines, guard) = batch::start(memory.clone()).unwrap();
    let filter = LiveFilter::new("info".parse().unwrap());
    let subscriber = subscriber(Format::Pretty, Colours::No, filter.clone(), lines, now);
    let log = |text: &str| {
        debug!(target: "roster::pool", "fine {text}");
        info!(target: "roster::pool", "coarse {text}");
    };
    tracing::subscriber::with_default(subscriber, || {
        log("one");
        filter.replace("debug".parse().unwrap());
        log("two");
        filter.replace("warn".parse().unwrap());
        log("three");
    });
    drop(guard);
    let text = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
    let said: Vec<_> = text.lines().filter_map(|line| line.split(": ").nth(1)).collect();
    assert_eq!(said, ["coarse one", "fine two", "coarse two"]);
}
