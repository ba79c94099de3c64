//! Global setup, in a separate test binary since it happens once per process.

use std::fs::{self, File};
use std::panic;

use roster_telemetry::logs::{self, Format, LogsError};
use roster_telemetry::metrics::Registry;

#[test]
fn events_records_and_panics_all_reach_the_log_as_json() {
    let path = tempfile::tempdir().unwrap().keep().join("log");
    let (guard, filter) =
        logs::init(Format::Json, "info".parse().unwrap(), File::create(&path).unwrap()).unwrap();
    logs::log_panics();

    tracing::info!("an event");
    tracing_log::log::warn!(target: "dependency", "a record");
    tracing_log::log::debug!("not logged");
    filter.replace("debug".parse().unwrap());
    tracing_log::log::debug!("a fine record");
    panic::catch_unwind(|| panic!("a panic")).unwrap_err();
    let registry = Registry::new("1").unwrap();
    registry.log(guard.dropped_lines()).unwrap();
    assert!(registry.encode().unwrap().contains("\nroster_log_lines_dropped_total 0\n"));
    drop(guard);

    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!((&lines[0]["message"], &lines[0]["target"]), (&"an event".into(), &"global".into()));
    assert_eq!((&lines[1]["message"], &lines[1]["target"]), (&"a record".into(), &"dependency".into()));
    assert_eq!((&lines[1]["level"], lines[1].get("log.target")), (&"WARN".into(), None));
    assert_eq!((&lines[2]["message"], &lines[2]["level"]), (&"a fine record".into(), &"DEBUG".into()));
    assert_eq!((&lines[3]["message"], &lines[3]["level"]), (&"panicked: a panic".into(), &"ERROR".into()));
    assert!(lines[3]["place"].as_str().unwrap().contains("global.rs"), "{text}");

    let again = logs::init(Format::Json, "info".parse().unwrap(), File::create(&path).unwrap());
    assert!(matches!(again, Err(LogsError::Twice(_))));
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
}
