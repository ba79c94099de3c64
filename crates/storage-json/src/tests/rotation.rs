//! Rotation of the audit log, whatever happens meanwhile.

use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use super::{AUDIT, USERS, at, audit_log, audit_read, commit, creation, opened, person, random, snapshot};
use crate::audit_log::{Archive, archives, name_of_times};
use crate::disk::Disk;
use crate::disk::simulated::SimulatedDisk;
use crate::projection::Rotate;
use crate::recovery::Opened;
use crate::settings::AuditRotation;
use roster_domain::{Action, Actor};
use roster_storage::UnitOfWork;

/// Never, with a clock at second 1,000.
fn never() -> AuditRotation {
    AuditRotation {
        max_bytes: None,
        max_age: None,
        keep: None,
        stamp: Arc::new(|| (at(1_000), random(1_000))),
    }
}

fn at_every_snapshot() -> AuditRotation {
    AuditRotation { max_bytes: NonZeroU64::new(1), ..never() }
}

fn with_rotation(store: Opened, rotation: AuditRotation) -> Opened {
    Opened { projections: store.projections.with_rotation(Some(rotation)), ..store }
}

/// What the projector does.
fn snapshot_as_due(store: &mut Opened) {
    let record = store.projections.due_rotation();
    let rotate = if record.is_some() { Rotate::First } else { Rotate::No };
    commit(store, record.map(UnitOfWork::audited));
    let checkpoint = store.committer.seal();
    store.projections.project(&checkpoint, rotate).unwrap();
    super::remove_through(store, checkpoint.sealed.through);
}

fn archived(disk: &SimulatedDisk) -> Vec<u64> {
    archives(disk).unwrap().iter().map(|archive| archive.through).collect()
}

#[test]
fn a_large_log_is_rotated_and_the_new_file_starts_with_the_latest_records() {
    let disk = SimulatedDisk::new(1);
    let mut store = with_rotation(opened(&disk).unwrap(), at_every_snapshot());
    commit(&mut store, [creation(&person(1), 1)]);
    snapshot_as_due(&mut store);
    assert_eq!(archived(&disk), [0; 0], "an empty log is not rotated");
    commit(&mut store, [creation(&person(2), 2)]);
    let record = store.projections.due_rotation().unwrap();
    assert_eq!((record.actor, record.target), (Actor::System, None));
    assert_eq!(record.action, Action::AuditRotated);
    snapshot_as_due(&mut store);
    assert_eq!(archived(&disk), [1]);
    let fresh = String::from_utf8(disk.content(AUDIT).unwrap()).unwrap();
    assert_eq!(fresh.lines().count(), 2);
    assert!(
        fresh
            .lines()
            .nth(1)
            .unwrap()
            .contains(r#""actor":"system","action":"audit_rotated","outcome":"success"}"#),
        "{fresh}"
    );
    assert_eq!(audit_read(&disk, &store, 2).len(), 3);
    assert_eq!(audit_log(&disk).len(), 3);
}

#[test]
fn the_times_of_a_file_are_renamed_with_it() {
    let disk = SimulatedDisk::new(1);
    let mut store = with_rotation(opened(&disk).unwrap(), at_every_snapshot());
    commit(&mut store, [creation(&person(1), 1)]);
    snapshot_as_due(&mut store);
    let times = disk.content("audit.times.json").unwrap();
    commit(&mut store, [creation(&person(2), 2)]);
    snapshot_as_due(&mut store);
    assert_eq!(disk.content(&name_of_times(&Archive::new(1).name)), Some(times));
}

#[test]
fn an_archive_of_an_older_version_gets_its_times() {
    let disk = SimulatedDisk::new(1);
    let mut store = with_rotation(opened(&disk).unwrap(), at_every_snapshot());
    for number in 1..=3 {
        commit(&mut store, [creation(&person(number), number)]);
        snapshot_as_due(&mut store);
    }
    let names: Vec<_> = archives(&disk).unwrap().iter().map(|archive| name_of_times(&archive.name)).collect();
    let before: Vec<_> = names.iter().map(|name| disk.content(name).unwrap()).collect();
    assert_eq!(before.len(), 2);
    for name in &names {
        disk.remove(name).unwrap();
    }
    let mut store = opened(&disk).unwrap();
    for _ in 0..=names.len() {
        store.projections.measure_an_archive();
    }
    let after: Vec<_> = names.iter().map(|name| disk.content(name).unwrap()).collect();
    assert_eq!(after, before);
}

#[test]
fn an_old_log_is_rotated() {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&person(100), 100)]);
    snapshot(&mut store);
    let after = |seconds| AuditRotation { max_age: Some(Duration::from_secs(seconds)), ..never() };
    let store = with_rotation(opened(&disk).unwrap(), after(901));
    assert_eq!(store.projections.due_rotation(), None, "it is 900 seconds old");
    assert!(with_rotation(store, after(900)).projections.due_rotation().is_some());
}

#[test]
fn old_files_are_removed_only_if_a_setting_limits_them() {
    for (keep, expected) in [(None, 4), (NonZeroUsize::new(2), 2)] {
        let disk = SimulatedDisk::new(1);
        let rotation = AuditRotation { keep, ..at_every_snapshot() };
        let mut store = with_rotation(opened(&disk).unwrap(), rotation);
        for number in 1..=5 {
            commit(&mut store, [creation(&person(number), number)]);
            snapshot_as_due(&mut store);
        }
        assert_eq!(archived(&disk).len(), expected);
        assert_eq!(archived(&disk).last(), Some(&7), "the newest stay");
    }
}

#[test]
fn a_log_rotated_just_before_a_power_cut_is_complete() {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&person(1), 1)]);
    snapshot(&mut store);
    (2..=9).for_each(|number| commit(&mut store, [creation(&person(number), number)]));
    // The name has changed, the new file is longer than the old one was and was never synced; users.json still
    // refers to the old one.
    disk.rename(AUDIT, &Archive::new(1).name).unwrap();
    disk.overwrite(AUDIT, &[0; 2_000]);
    let mut store = opened(&disk).unwrap();
    snapshot(&mut store);
    let numbers: Vec<_> = audit_log(&disk).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    assert_eq!(audit_read(&disk, &store, 4).len(), 9);
}

#[test]
fn a_backup_restored_after_a_rotation_continues_with_new_numbers() {
    let disk = SimulatedDisk::new(1);
    let mut store = with_rotation(opened(&disk).unwrap(), at_every_snapshot());
    commit(&mut store, [creation(&person(1), 1)]);
    snapshot_as_due(&mut store);
    let backup = disk.content(USERS).unwrap();
    commit(&mut store, [creation(&person(2), 2)]);
    snapshot_as_due(&mut store);
    disk.overwrite(USERS, &backup);
    disk.remove(AUDIT).unwrap();
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&person(3), 3)]);
    snapshot(&mut store);
    assert!(audit_log(&disk).is_sorted_by(|one, other| one.0 < other.0), "{:?}", audit_log(&disk));
}

#[test]
fn an_archive_is_never_overwritten() {
    let disk = SimulatedDisk::new(1);
    let mut store = with_rotation(opened(&disk).unwrap(), at_every_snapshot());
    commit(&mut store, [creation(&person(1), 1)]);
    snapshot_as_due(&mut store);
    disk.overwrite(&Archive::new(1).name, b"somebody's\n");
    commit(&mut store, [creation(&person(2), 2)]);
    snapshot_as_due(&mut store);
    assert_eq!(disk.content(&Archive::new(1).name).unwrap(), b"somebody's\n");
    assert_eq!(disk.content(AUDIT).unwrap().split_inclusive(|byte| *byte == b'\n').count(), 3);
}

#[test]
fn records_in_the_log_are_no_longer_kept_in_memory() {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&person(1), 1)]);
    snapshot(&mut store);
    commit(&mut store, [creation(&person(2), 2)]);
    assert_eq!(store.published.load().audit.newest_first().count(), 1);
}
