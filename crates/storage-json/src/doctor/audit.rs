//! Checks that every line of the audit log can be read and is in order.

use std::io::{self, BufRead, BufReader};

use roster_domain::AuditRecord;
use roster_storage::{Finding, Holder};
use serde::Deserialize;

use super::examination::{if_there, place};
use crate::audit_log::{AUDIT_FILE, archives};
use crate::disk::{Disk, RealDisk};
use crate::opening::Opening;

/// The number of a line.
#[derive(Deserialize)]
struct Numbered {
    sequence: u64,
}

/// What was found in one file.
#[derive(Default)]
struct Seen {
    line: u64,
    damaged: Option<u64>,
    damaged_count: u64,
    disordered: Option<u64>,
    is_torn: bool,
}

/// Reads every file of the log, oldest first.
pub(super) fn check(
    disk: &RealDisk,
    opening: &Opening,
    holder: Holder,
    findings: &mut Vec<Finding>,
) -> io::Result<()> {
    let mut last = 0;
    let names = archives(disk)?.into_iter().map(|archive| archive.name).chain([AUDIT_FILE.to_owned()]);
    for name in names.collect::<Vec<_>>() {
        // A file that no longer exists was rotated or moved away meanwhile.
        let Some(file) = if_there(disk.read(&name, 0))? else { continue };
        let seen = read(file, &mut last)?;
        report(&place(opening, &name), &seen, holder, findings);
    }
    Ok(())
}

fn read(file: impl io::Read, last: &mut u64) -> io::Result<Seen> {
    let mut lines = BufReader::with_capacity(1 << 16, file);
    let (mut seen, mut line) = (Seen::default(), Vec::new());
    while lines.read_until(b'\n', &mut line)? > 0 {
        seen.line += 1;
        let whole = line.ends_with(b"\n");
        let number = serde_json::from_slice::<Numbered>(&line).map(|line| line.sequence);
        match number {
            _ if !whole => seen.is_torn = true,
            Ok(number) if serde_json::from_slice::<AuditRecord>(&line).is_ok() => {
                if number <= *last {
                    seen.disordered.get_or_insert(seen.line);
                }
                *last = number;
            }
            Ok(_) | Err(_) => {
                seen.damaged.get_or_insert(seen.line);
                seen.damaged_count += 1;
            }
        }
        line.clear();
    }
    Ok(seen)
}

fn report(here: &str, seen: &Seen, holder: Holder, findings: &mut Vec<Finding>) {
    if let Some(line) = seen.damaged {
        let what = format!("{} lines are not audit records; the first is line {line}", seen.damaged_count);
        let remedy =
            "put the lines back from a backup, or move them to another file: until then they are skipped";
        findings.push(Finding::fault(here, what, remedy));
    }
    if let Some(line) = seen.disordered {
        let what = format!("the number of line {line} is not greater than that of the line before");
        let remedy =
            "sort the lines by their numbers, without duplicates: until then a page may miss records";
        findings.push(Finding::fault(here, what, remedy));
    }
    if seen.is_torn && holder == Holder::Nobody {
        findings.push(Finding::note(
            here,
            "its last line is incomplete",
            "nothing: the next start removes it",
        ));
    }
}
