//! `roster doctor`

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use roster_config::Settings;
use roster_storage::{Examination, Finding, FindingLevel, Holder};
use serde::Serialize;

use crate::acting::ActingAsOwner;
use crate::cli::Doctor;
use crate::command_outcome::CommandOutcome;
use crate::engine::engine;
use crate::keys::RingPlace;
use crate::{first_admin, logs, terminal};

/// Checks the store and the keys. Changes nothing.
///
/// # Errors
/// If the data folder cannot be read.
pub(crate) fn run(settings: &Settings, args: &Doctor) -> anyhow::Result<CommandOutcome> {
    let _log = logs::init_for_command(settings)?;
    let engine = engine(settings);
    let _acting = ActingAsOwner::of(engine.folder())?;
    let Examination { mut findings, holder } = engine.examine()?;
    if settings.auth.key_files.is_empty() {
        let keys = RingPlace::of(&*engine, settings);
        keys.check(&mut findings);
        if let RingPlace::Folder(folder) = &keys
            && settings.auth.jwt_secret.is_none()
        {
            folder.note_absence(&mut findings);
        }
    }
    check_first_password(&settings.data.dir.join(first_admin::FILE), &mut findings);
    if holder == Holder::Process {
        terminal::note("note: a server has this store open; this checks its files in their current state");
    }
    let report = if args.json { json(&findings, holder)? } else { text(&findings) };
    terminal::print(terminal::with_shown_path(report))?;
    let is_sound = findings.iter().all(|finding| finding.level == FindingLevel::Note);
    Ok(if is_sound { CommandOutcome::Done } else { CommandOutcome::Refused })
}

/// Checks for the file with the password of the first administrator.
fn check_first_password(path: &Path, findings: &mut Vec<Finding>) {
    let Ok(found) = fs::symlink_metadata(path) else { return };
    let here = path.display().to_string();
    let remedy = format!("unless you have done so, log in and set a new password; then run: rm \"{here}\"");
    findings.push(match found.permissions().mode() & 0o077 {
        0 => Finding::note(here, "this file still contains the password of the first administrator", remedy),
        _ => Finding::fault(here, "other users can read the password of the first administrator", remedy),
    });
}

fn text(findings: &[Finding]) -> String {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let faults = count(FindingLevel::Fault);
    let lines = findings.iter().map(|Finding { level, place, what, remedy }| {
        let line = format!("{}: {place}: {what}", level.as_str());
        format!("{}\n  {}\n", terminal::printable(&line), terminal::printable(remedy))
    });
    let end = match faults {
        0 => "no faults found\n".to_owned(),
        1 => "1 fault found\n".to_owned(),
        many => format!("{many} faults found\n"),
    };
    lines.chain([end]).collect()
}

/// The findings as JSON.
#[derive(Serialize)]
struct Report<'a> {
    server_is_running: bool,
    findings: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    place: &'a str,
    what: &'a str,
    remedy: &'a str,
}

fn json(findings: &[Finding], holder: Holder) -> serde_json::Result<String> {
    let findings = findings.iter().map(Line::of).collect();
    let report = Report { server_is_running: holder == Holder::Process, findings };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

impl<'a> Line<'a> {
    fn of(finding: &'a Finding) -> Self {
        let Finding { level, place, what, remedy } = finding;
        Self { level: level.as_str(), place, what, remedy }
    }
}
