use super::*;
use crate::audit_log::Archive;
use crate::disk::simulated::SimulatedDisk;
use crate::tests::{at, person, record};
use roster_domain::{Action, AuditFilter, AuditPosition, AuditRecord, Limit};
use std::sync::Arc;

/// One record per second.
fn nth(number: u64) -> AuditRecord {
    let action = if number.is_multiple_of(10) { Action::UserDeleted } else { Action::LoggedIn };
    record(action, person(number % 3).id, number)
}

fn line(number: u64) -> String {
    let record = serde_json::to_string(&nth(number)).unwrap();
    format!("{{\"sequence\":{number},{}\n", &record[1..])
}

fn lines(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    numbers.into_iter().map(line).collect::<String>().into_bytes()
}

fn query(limit: u64) -> AuditQuery {
    AuditQuery { limit: Limit::new(limit).unwrap(), ..AuditQuery::default() }
}

fn seconds(page: &AuditPage) -> Vec<u64> {
    page.items.iter().map(|record| record.at.as_second().try_into().unwrap()).collect()
}

/// The records of all pages, and the number of pages.
fn walk(disk: &SimulatedDisk, tail: &AuditTail, mut query: AuditQuery, look: u64) -> (Vec<u64>, usize) {
    let mut seen = Vec::new();
    for pages in 1.. {
        let page = page_within(disk, tail, &query, look).unwrap();
        seen.extend(seconds(&page));
        assert!(page.next.is_none() || page.next != query.before, "a page leads onward");
        query.before = page.next;
        if query.before.is_none() {
            return (seen, pages);
        }
    }
    unreachable!()
}

/// Records 1 to 3,000: two archives, a file, and a tail in memory that overlaps with the file.
fn long_log() -> (SimulatedDisk, AuditTail) {
    let disk = SimulatedDisk::new(1);
    disk.overwrite(&Archive::new(1_000).name, &lines(1..=1_000));
    disk.overwrite(&Archive::new(2_000).name, &lines(1_001..=2_000));
    disk.overwrite(AUDIT_FILE, &lines(2_001..=2_950));
    let mut tail = AuditTail::default();
    tail.remove_written(2_900);
    (2_901..=3_000).for_each(|number| tail.push(number, Arc::new(nth(number))));
    (disk, tail)
}

#[test]
fn memory_and_files_form_one_log() {
    let (disk, tail) = long_log();
    let all: Vec<_> = (1..=3_000).rev().collect();
    for limit in [1_000, 999, 333] {
        assert_eq!(walk(&disk, &tail, query(limit), MAX_BYTES_READ).0, all, "{limit} a page");
    }
}

#[test]
fn a_page_can_start_anywhere() {
    let (disk, tail) = long_log();
    for before in [3_001, 2_950, 2_901, 2_001, 2_000, 1_500, 1_001, 2] {
        let query = AuditQuery { before: Some(AuditPosition::from(before)), ..query(2) };
        let expected: Vec<_> = (1..before).rev().take(2).collect();
        assert_eq!(seconds(&page(&disk, &tail, &query).unwrap()), expected, "before {before}");
    }
}

#[test]
fn a_time_range_is_found_in_the_middle() {
    let (disk, tail) = long_log();
    for (from, to) in [(1, 5), (990, 1_010), (1_500, 1_501), (2_890, 2_910), (3_000, 9_000), (5_000, 6_000)] {
        let filter = AuditFilter { from: Some(at(from)), to: Some(at(to)), ..AuditFilter::default() };
        let expected: Vec<_> = (from..to.min(3_001)).rev().collect();
        let found = walk(&disk, &tail, AuditQuery { filter, ..query(3) }, MAX_BYTES_READ).0;
        assert_eq!(found, expected, "{from} to {to}");
    }
}

/// Writes the times beside each file of the long log.
fn measured(disk: &SimulatedDisk) {
    for name in [&*Archive::new(1_000).name, &*Archive::new(2_000).name, AUDIT_FILE] {
        let len = disk.content(name).unwrap().len() as u64;
        Times::default().through(disk, name, len).unwrap().unwrap().keep(disk, name).unwrap();
    }
}

/// The time of the record with this number, by a clock that was two days behind twice.
fn set_back(number: u64) -> u64 {
    let is_behind = (900..=1_100).contains(&number) || (2_500..=2_950).contains(&number);
    500_000 + number - if is_behind { 172_800 } else { 0 }
}

/// The long log by that clock.
fn log_of_a_clock_set_back() -> (SimulatedDisk, AuditTail) {
    let nth = |number| AuditRecord { at: at(set_back(number)), ..nth(number) };
    let lines = |numbers: std::ops::RangeInclusive<u64>| {
        let line = |number| {
            let record = serde_json::to_string(&nth(number)).unwrap();
            format!("{{\"sequence\":{number},{}\n", &record[1..])
        };
        numbers.map(line).collect::<String>().into_bytes()
    };
    let disk = SimulatedDisk::new(1);
    disk.overwrite(&Archive::new(1_000).name, &lines(1..=1_000));
    disk.overwrite(&Archive::new(2_000).name, &lines(1_001..=2_000));
    disk.overwrite(AUDIT_FILE, &lines(2_001..=2_900));
    let mut tail = AuditTail::default();
    tail.remove_written(2_900);
    (2_901..=3_000).for_each(|number| tail.push(number, Arc::new(nth(number))));
    (disk, tail)
}

#[test]
fn a_record_is_found_by_its_time_even_if_the_clock_was_set_back() {
    for is_measured in [true, false] {
        let (disk, tail) = log_of_a_clock_set_back();
        if is_measured {
            measured(&disk);
        }
        for number in [1, 899, 900, 950, 1_000, 1_001, 1_100, 1_101, 2_499, 2_500, 2_900, 2_950, 2_951, 3_000]
        {
            let time = set_back(number);
            let filter =
                AuditFilter { from: Some(at(time)), to: Some(at(time + 1)), ..AuditFilter::default() };
            let found = walk(&disk, &tail, AuditQuery { filter, ..query(3) }, MAX_BYTES_READ).0;
            assert_eq!(found, [time], "number {number}, measured: {is_measured}");
        }
        let filter = AuditFilter { from: Some(at(500_000)), ..AuditFilter::default() };
        let found = walk(&disk, &tail, AuditQuery { filter, ..query(1_000) }, MAX_BYTES_READ).0;
        let expected: Vec<_> = (1..=3_000).rev().map(set_back).filter(|time| *time >= 500_000).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_search_by_time_reads_little_of_files_with_known_times() {
    let (disk, tail) = long_log();
    measured(&disk);
    let filter = AuditFilter { from: Some(at(10)), to: Some(at(20)), ..AuditFilter::default() };
    let asked = AuditQuery { filter, ..query(1_000) };
    // A page may read far less than the two newer files.
    let (found, pages) = walk(&disk, &tail, asked.clone(), 80_000);
    assert_eq!((found, pages), ((10..20).rev().collect(), 1));
    let (disk, tail) = long_log();
    assert!(walk(&disk, &tail, asked, 80_000).1 > 5, "without the times, all is read");
}

#[test]
fn records_rotated_during_a_read_are_seen_once() {
    let (disk, tail) = long_log();
    // The file was opened and then rotated, so its lines are also in an archive.
    disk.overwrite(&Archive::new(2_950).name, &lines(2_001..=2_950));
    let all: Vec<_> = (1..=3_000).rev().collect();
    // A page that ends with the file would hide a duplicate line.
    for limit in [1_000, 700] {
        assert_eq!(walk(&disk, &tail, query(limit), MAX_BYTES_READ).0, all, "{limit} a page");
    }
}

#[test]
fn a_rare_record_is_found_through_short_pages() {
    let (disk, tail) = long_log();
    let filter = AuditFilter { action: Some(Action::UserDeleted), ..AuditFilter::default() };
    let asked = AuditQuery { filter, ..query(1_000) };
    let (whole, one) = walk(&disk, &tail, asked.clone(), MAX_BYTES_READ);
    let (found, pages) = walk(&disk, &tail, asked, 20_000);
    assert_eq!((whole.len(), one), (300, 1));
    assert_eq!(found, whole);
    assert!(pages > 10, "a page looks at no more than it may");
}

#[test]
fn invalid_lines_are_skipped() {
    let (disk, tail) = long_log();
    let mut content = b"# rotated by hand\n\n".to_vec();
    content.extend(lines(2_001..=2_400));
    content.extend(vec![b'x'; 3 << 20]);
    content.extend(b"\n{\"sequence\":2401,\"action\":\"of another version\"}\n");
    content.extend(lines(2_402..=2_950));
    content.extend(b"{\"sequence\":2951,\"half");
    disk.overwrite(AUDIT_FILE, &content);
    let expected: Vec<_> = (1..=3_000).rev().filter(|number| *number != 2_401).collect();
    assert_eq!(walk(&disk, &tail, query(1_000), MAX_BYTES_READ).0, expected);
}

#[test]
fn an_archive_that_was_moved_away_is_absent() {
    let (disk, tail) = long_log();
    crate::disk::Disk::remove(&disk, &Archive::new(2_000).name).unwrap();
    let expected: Vec<_> = (2_001..=3_000).rev().chain((1..=1_000).rev()).collect();
    assert_eq!(walk(&disk, &tail, query(1_000), MAX_BYTES_READ).0, expected);
}

#[test]
fn an_action_is_found_wherever_it_is() {
    let (disk, tail) = long_log();
    let rare: Vec<_> = (1..=3_000).rev().filter(|number| number % 10 == 0).collect();
    let common: Vec<_> = (1..=3_000).rev().filter(|number| number % 10 != 0).collect();
    for (action, expected) in
        [(Action::UserDeleted, rare), (Action::LoggedIn, common), (Action::UserCreated, vec![])]
    {
        for (limit, look) in [(1_000, MAX_BYTES_READ), (7, MAX_BYTES_READ), (1_000, 9_000), (1_000, 70_000)] {
            let filter = AuditFilter { action: Some(action), ..AuditFilter::default() };
            let query = AuditQuery { filter, ..query(limit) };
            assert_eq!(
                walk(&disk, &tail, query, look).0,
                expected,
                "{action} by {limit}, reading {look} bytes"
            );
        }
    }
}

#[test]
fn an_action_in_a_time_range_is_found() {
    let (disk, tail) = long_log();
    let filter = AuditFilter {
        action: Some(Action::UserDeleted),
        from: Some(at(1_500)),
        to: Some(at(2_100)),
        ..AuditFilter::default()
    };
    let expected: Vec<_> = (150..210).rev().map(|number| number * 10).collect();
    assert_eq!(walk(&disk, &tail, AuditQuery { filter, ..query(1_000) }, MAX_BYTES_READ).0, expected);
}
