//! The zeros that are preallocated for the next groups.

use super::{commit, creation, opened, person};
use crate::disk::simulated::SimulatedDisk;

/// The bytes of the lines and of the preallocation in the only segment of the journal.
fn segment(disk: &SimulatedDisk) -> (usize, usize) {
    let content = disk.content("journal-00000000000000000001.ndjson").unwrap();
    let lines = content.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    (lines, content.len() - lines)
}

#[test]
fn a_group_at_the_end_of_the_file_preallocates_the_length_of_the_lines() {
    let disk = SimulatedDisk::new(1);
    commit(&mut opened(&disk).unwrap(), [creation(&person(1), 1)]);
    let (lines, preallocation) = segment(&disk);
    assert_eq!(lines, preallocation);
}

#[test]
fn a_group_that_fits_in_the_preallocation_does_not_change_the_length() {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    commit(&mut store, (1..=4).map(|number| creation(&person(number), number)));
    let before = segment(&disk);
    commit(&mut store, [creation(&person(5), 5)]);
    let after = segment(&disk);
    assert!(after.0 > before.0);
    assert_eq!(after.0 + after.1, before.0 + before.1);
}

#[test]
fn without_room_for_preallocation_a_group_is_still_committed() {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    disk.fail_preparation();
    commit(&mut store, [creation(&person(1), 1)]);
    commit(&mut store, [creation(&person(2), 2)]);
    assert_eq!(opened(&disk).unwrap().published.load().len(), 2);
}
