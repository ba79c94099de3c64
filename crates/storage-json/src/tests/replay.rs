//! The start with a journal that was changed or damaged.

use std::error::Error;

use super::{USERS, audit_log, commit, creation, opened, person, snapshot};
use crate::disk::simulated::SimulatedDisk;
use crate::disk::{Directory, Disk};
use crate::error::OpenError;
use crate::projection::SESSIONS_FILE;
use crate::recovery::Opened;

const FIRST: &str = "journal-00000000000000000001.ndjson";

/// A disk with a journal of three users, each synced separately.
fn three_people() -> SimulatedDisk {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    for number in 1..=3 {
        commit(&mut store, [creation(&person(number), number)]);
    }
    disk
}

fn who(store: &Opened) -> Vec<u64> {
    let state = store.published.load();
    (1..=9).filter(|number| state.user(person(*number).id).is_some()).collect()
}

/// Changes the only segment of the journal.
fn damage(disk: &SimulatedDisk, change: impl FnOnce(&mut Vec<u8>)) {
    let mut content = disk.content(FIRST).unwrap();
    change(&mut content);
    disk.overwrite(FIRST, &content);
}

/// Where the lines end and the preallocation starts.
fn lines_end(content: &[u8]) -> usize {
    content.iter().rposition(|byte| *byte != 0).unwrap() + 1
}

/// Where the line with this index (from 0) starts.
fn line_start(content: &[u8], index: usize) -> usize {
    content.split_inclusive(|byte| *byte == b'\n').take(index).map(<[u8]>::len).sum()
}

#[test]
fn a_torn_tail_is_dropped_and_numbers_continue() {
    let disk = three_people();
    damage(&disk, |content| content.truncate(lines_end(content) - 40));
    let mut store = opened(&disk).unwrap();
    assert_eq!(who(&store), [1, 2]);
    commit(&mut store, [creation(&person(4), 4)]);
    let mut store = opened(&disk).unwrap();
    assert_eq!(who(&store), [1, 2, 4]);
    snapshot(&mut store);
    let numbers: Vec<_> = audit_log(&disk).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn a_unit_that_ends_in_zeros_is_dropped() {
    let disk = three_people();
    damage(&disk, |content| {
        let end = lines_end(content);
        content[end - 40..end].fill(0);
    });
    assert_eq!(who(&opened(&disk).unwrap()), [1, 2]);
}

#[test]
fn zeros_in_place_of_a_durable_unit_stop_the_start() {
    let disk = three_people();
    damage(&disk, |content| {
        let unit = line_start(content, 1)..line_start(content, 2);
        content[unit].fill(0);
    });
    let error = opened(&disk).err().unwrap();
    assert!(matches!(error, OpenError::Journal { line: 2, .. }), "{error:?}");
}

#[test]
fn garbage_after_the_last_unit_is_dropped() {
    let disk = three_people();
    damage(&disk, |content| content.extend([0, 10, 255, 10, 7]));
    assert_eq!(who(&opened(&disk).unwrap()), [1, 2, 3]);
}

#[test]
fn a_damaged_unit_that_was_acknowledged_stops_the_start_with_file_and_line() {
    let disk = three_people();
    damage(&disk, |content| {
        let second_unit = line_start(content, 2);
        content[second_unit + 60] ^= 1;
    });
    let error = opened(&disk).err().unwrap();
    assert!(matches!(&error, OpenError::Journal { path, line: 3, .. } if path.ends_with(FIRST)), "{error:?}");
    assert!(error.to_string().contains("restore the data folder from a backup"), "{error}");
    assert_eq!(error.source().unwrap().to_string(), "a unit that was acknowledged is damaged");
}

#[test]
fn a_damaged_first_line_stops_the_start() {
    let disk = three_people();
    damage(&disk, |content| content[20] ^= 1);
    let error = opened(&disk).err().unwrap();
    assert!(matches!(error, OpenError::Journal { line: 1, .. }), "{error:?}");
}

#[test]
fn a_missing_segment_stops_the_start() {
    let disk = three_people();
    // A seal without a projection: the next unit starts a second segment.
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&person(4), 4)]);
    disk.remove(FIRST).unwrap();
    let error = opened(&disk).err().unwrap();
    assert!(matches!(error, OpenError::Journal { line: 1, .. }), "{error:?}");
    assert_eq!(error.source().unwrap().to_string(), "the units from number 1 on are missing");
}

#[test]
fn a_unit_of_a_newer_version_stops_the_start() {
    let disk = three_people();
    let mut journal = crate::journal::Journal::new(
        std::sync::Arc::new(disk.clone()),
        crate::journal::Replayed { last: 3, next: 4, ..Default::default() },
    );
    let mut group = journal.group(std::iter::empty());
    group.add(br#"{"audit":null,"changes":[{"put_session":{}}]}"#);
    journal.append(&group).unwrap();
    let error = opened(&disk).err().unwrap();
    assert!(matches!(error, OpenError::Journal { line: 2, .. }), "{error:?}");
}

#[test]
fn units_of_a_snapshot_are_skipped() {
    let disk = three_people();
    let segment = disk.content(FIRST).unwrap();
    let mut store = opened(&disk).unwrap();
    snapshot(&mut store);
    commit(&mut store, [super::removal(&person(3), 9)]);
    // The power was cut before the removal of the segment reached the disk.
    disk.overwrite(FIRST, &segment);
    let mut store = opened(&disk).unwrap();
    assert_eq!(who(&store), [1, 2]);
    snapshot(&mut store);
    assert_eq!(audit_log(&disk).len(), 4);
    assert!(disk.names().unwrap().iter().all(|name| !name.contains("journal")));
}

#[test]
fn a_snapshot_leaves_only_the_projections() {
    let disk = three_people();
    snapshot(&mut opened(&disk).unwrap());
    let mut names = disk.names().unwrap();
    names.sort_unstable();
    assert_eq!(names, [super::AUDIT, "audit.times.json", SESSIONS_FILE, USERS]);
}
