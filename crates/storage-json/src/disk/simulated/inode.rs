//! The content of one simulated file: in the page cache and on the platter.

use std::ops::Range;

use super::chance::Chance;

/// The unit that survives a power cut or not: less than a sector, to be stricter than reality.
const CHUNK: usize = 24;

#[derive(Debug, Default)]
pub(super) struct Inode {
    /// What a reader sees.
    content: Vec<u8>,
    /// What is on the platter.
    synced: Vec<u8>,
    /// Where the content is newer than the platter, as far as the system knows.
    dirty: Vec<Range<usize>>,
    modified: i128,
}

impl Inode {
    pub(super) fn content(&self) -> &[u8] {
        &self.content
    }

    pub(super) const fn modified(&self) -> i128 {
        self.modified
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8], now: i128) {
        let end = at + bytes.len();
        self.content.resize(end.max(self.content.len()), 0);
        self.content[at..end].copy_from_slice(bytes);
        self.dirty.push(at..end);
        self.modified = now;
    }

    pub(super) fn truncate(&mut self, len: usize, now: i128) {
        self.content.resize(len, 0);
        for range in &mut self.dirty {
            *range = range.start.min(len)..range.end.min(len);
        }
        self.modified = now;
    }

    pub(super) fn sync(&mut self) {
        self.synced.resize(self.content.len(), 0);
        for range in self.dirty.drain(..) {
            self.synced[range.clone()].copy_from_slice(&self.content[range]);
        }
    }

    /// Some of the data reaches the platter; the system forgets that the rest did not.
    pub(super) fn fail_to_sync(&mut self, chance: &mut Chance) {
        let content = self.content.clone();
        self.power_cut(chance);
        self.content = content;
    }

    pub(super) fn power_cut(&mut self, chance: &mut Chance) {
        let len = match self.content.len().checked_sub(self.synced.len()) {
            Some(grown) => self.synced.len() + usize::try_from(chance.below(grown as u64 + 1)).unwrap(),
            // It was truncated: either that reached the platter, or not.
            None if chance.one_in(2) => self.content.len(),
            None => self.synced.len(),
        };
        self.synced.resize(len, 0);
        for range in std::mem::take(&mut self.dirty) {
            for start in range.clone().step_by(CHUNK) {
                let chunk = start..(start + CHUNK).min(range.end).min(len);
                self.survive(chunk, chance);
            }
        }
        self.content = self.synced.clone();
    }

    fn survive(&mut self, chunk: Range<usize>, chance: &mut Chance) {
        if chunk.is_empty() {
            return;
        }
        match chance.below(4) {
            0 => {}
            1 => self.synced[chunk].fill_with(|| chance.next().to_le_bytes()[0]),
            _ => self.synced[chunk.clone()].copy_from_slice(&self.content[chunk]),
        }
    }
}
