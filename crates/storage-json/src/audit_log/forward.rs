//! Reads the audit log from its beginning, for a snapshot.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use roster_domain::AuditRecord;
use serde::Deserialize;

use super::{AUDIT_FILE, archives};
use crate::disk::{Directory, View};

/// How much is read at once.
const BLOCK: usize = 1 << 18;
/// No line of Roster is longer.
const LONGEST: usize = 1 << 20;

/// The records in the files of the log, oldest first, up to a number. All files are opened at the start, so a file
/// that is rotated or removed meanwhile is still read.
pub(crate) struct Forward {
    files: VecDeque<OpenFile>,
    /// The incomplete line at the end of what was read of the first file.
    rest: Vec<u8>,
    /// The number of the last returned record.
    last: u64,
    /// The number of the last record to return.
    through: u64,
    done: u64,
    total: u64,
    /// The number of invalid lines.
    damaged: u64,
}

struct OpenFile {
    view: Box<dyn View>,
    /// The position of the next read.
    at: u64,
}

/// The number of a line. Parsing the record separately is faster than parsing both at once.
#[derive(Deserialize)]
struct Numbered {
    sequence: u64,
}

impl Forward {
    /// Opens the files. By now they contain all records numbered up to `through`.
    pub(crate) fn open(directory: &dyn Directory, through: u64) -> io::Result<Self> {
        // The current file comes first: once it is open, a rotation cannot hide it. Records that it shares with an
        // archive are recognised by their numbers.
        let current = directory.view(AUDIT_FILE)?;
        let mut files = VecDeque::new();
        for archive in archives(directory)? {
            files.extend(directory.view(&archive.name)?.map(|view| OpenFile { view, at: 0 }));
        }
        files.extend(current.map(|view| OpenFile { view, at: 0 }));
        let total = files.iter().map(|file| file.view.len()).sum();
        Ok(Self { files, rest: Vec::new(), last: 0, through, done: 0, total, damaged: 0 })
    }

    /// The next records with their numbers; empty at the end.
    pub(crate) fn next(&mut self) -> io::Result<Vec<(u64, Arc<AuditRecord>)>> {
        let mut records = Vec::new();
        while records.is_empty() && !self.files.is_empty() {
            self.read_block(&mut records)?;
        }
        if self.files.is_empty() && self.damaged > 0 {
            tracing::warn!(lines = self.damaged, "passed over lines of the audit log that cannot be read");
            self.damaged = 0;
        }
        Ok(records)
    }

    /// The bytes read and the total bytes.
    pub(crate) const fn progress(&self) -> (u64, u64) {
        (self.done, self.total)
    }

    fn read_block(&mut self, records: &mut Vec<(u64, Arc<AuditRecord>)>) -> io::Result<()> {
        let Some(file) = self.files.front_mut() else { return Ok(()) };
        let start = self.rest.len();
        self.rest.resize(start + BLOCK, 0);
        let read = file.view.read_at(file.at, &mut self.rest[start..])?;
        self.rest.truncate(start + read);
        file.at += read as u64;
        self.done += read as u64;
        if read == 0 {
            self.files.pop_front();
            // Bytes without a line break are an incomplete line.
            self.rest.clear();
            return Ok(());
        }
        let whole = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let rest = self.rest.split_off(whole);
        let block = std::mem::replace(&mut self.rest, rest);
        for line in block.split_inclusive(|byte| *byte == b'\n') {
            self.take(line, records);
        }
        if self.rest.len() > LONGEST {
            self.rest.clear();
        }
        Ok(())
    }

    fn take(&mut self, line: &[u8], records: &mut Vec<(u64, Arc<AuditRecord>)>) {
        let Ok(Numbered { sequence: number }) = serde_json::from_slice(line) else {
            self.damaged += 1;
            return;
        };
        if number <= self.last || number > self.through {
            return;
        }
        match serde_json::from_slice(line) {
            Ok(record) => {
                self.last = number;
                records.push((number, Arc::new(record)));
            }
            Err(_) => self.damaged += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_log::Archive;
    use crate::disk::Disk;
    use crate::disk::simulated::SimulatedDisk;
    use crate::tests::{person, record};
    use roster_domain::Action;
    use std::ops::RangeInclusive;

    fn write(disk: &SimulatedDisk, name: &str, numbers: RangeInclusive<u64>, end: &str) {
        let mut file = disk.append(name).unwrap();
        for number in numbers {
            let record = serde_json::to_string(&record(Action::LoggedIn, person(1).id, number)).unwrap();
            file.write_all(format!("{{\"sequence\":{number},{}\n", &record[1..]).as_bytes()).unwrap();
        }
        file.write_all(end.as_bytes()).unwrap();
    }

    fn numbers(mut log: Forward) -> Vec<u64> {
        let mut numbers = Vec::new();
        loop {
            let records = log.next().unwrap();
            if records.is_empty() {
                return numbers;
            }
            numbers.extend(records.iter().map(|(number, _)| *number));
        }
    }

    #[test]
    fn archives_come_before_the_current_file_up_to_the_number() {
        let disk = SimulatedDisk::new(1);
        write(&disk, &Archive::new(900).name, 1..=900, "");
        write(&disk, &Archive::new(950).name, 901..=950, "no record\n");
        write(&disk, AUDIT_FILE, 951..=970, "{\"sequence\":971,");
        assert_eq!(numbers(Forward::open(&disk, 960).unwrap()), (1..=960).collect::<Vec<_>>());
        assert_eq!(numbers(Forward::open(&disk, u64::MAX).unwrap()), (1..=970).collect::<Vec<_>>());
    }

    #[test]
    fn a_concurrent_rotation_hides_and_repeats_nothing() {
        let disk = SimulatedDisk::new(1);
        write(&disk, AUDIT_FILE, 1..=20, "");
        let log = Forward::open(&disk, 20).unwrap();
        disk.rename(AUDIT_FILE, &Archive::new(20).name).unwrap();
        write(&disk, AUDIT_FILE, 21..=30, "");
        disk.remove(&Archive::new(20).name).unwrap();
        assert_eq!(numbers(log), (1..=20).collect::<Vec<_>>());
    }

    #[test]
    fn records_in_two_files_are_returned_once() {
        let disk = SimulatedDisk::new(1);
        write(&disk, &Archive::new(20).name, 1..=20, "");
        write(&disk, AUDIT_FILE, 11..=30, "");
        assert_eq!(numbers(Forward::open(&disk, 25).unwrap()), (1..=25).collect::<Vec<_>>());
    }
}
