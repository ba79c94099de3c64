//! The content of a simulated disk, and how it fails.

use std::collections::BTreeMap;
use std::io;

use super::chance::Chance;
use super::inode::Inode;

/// The content of the disk, and how it fails.
pub(super) struct Platter {
    pub(super) chance: Chance,
    pub(super) inodes: BTreeMap<u64, Inode>,
    /// The current names.
    pub(super) names: BTreeMap<String, u64>,
    /// The names after a power cut, if none of the pending changes survives.
    pub(super) synced_names: BTreeMap<String, u64>,
    /// Name changes since the last sync of the folder; the parts of a change happen together.
    pub(super) pending: Vec<Vec<(String, Option<u64>)>>,
    /// Counts changes, as the time of modification.
    pub(super) clock: i128,
    /// How many operations are left until the power is cut.
    pub(super) fuse: Option<u32>,
    /// One operation in this many fails; none if 0.
    pub(super) fault_rate: u64,
    pub(super) is_full: bool,
    /// Whether there is room for lines but not for preallocation.
    pub(super) is_tight: bool,
}

impl Platter {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            inodes: BTreeMap::new(),
            names: BTreeMap::new(),
            synced_names: BTreeMap::new(),
            pending: Vec::new(),
            clock: 0,
            fuse: None,
            fault_rate: 0,
            is_full: false,
            is_tight: false,
        }
    }

    /// Starts an operation, which may be the one at which the power is cut.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        self.clock += 1;
        match &mut self.fuse {
            Some(0) => Err(io::Error::other("the power is gone")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(super) fn is_faulty(&mut self) -> bool {
        self.fault_rate > 0 && self.chance.one_in(self.fault_rate)
    }

    pub(super) fn change(&mut self, parts: Vec<(String, Option<u64>)>) {
        for (name, inode) in &parts {
            match inode {
                Some(inode) => drop(self.names.insert(name.clone(), *inode)),
                None => drop(self.names.remove(name)),
            }
        }
        self.pending.push(parts);
    }

    pub(super) fn make(&mut self, name: &str) -> u64 {
        let inode = self.inodes.len() as u64 + 1;
        self.inodes.insert(inode, Inode::default());
        self.change(vec![(name.to_owned(), Some(inode))]);
        inode
    }

    pub(super) fn sync_names(&mut self) {
        self.synced_names = self.names.clone();
        self.pending.clear();
    }

    pub(super) fn power_cut(&mut self) {
        self.fuse = None;
        let mut names = std::mem::take(&mut self.synced_names);
        for part in std::mem::take(&mut self.pending)
            .into_iter()
            .flat_map(|change| if self.chance.one_in(2) { change } else { Vec::new() })
        {
            match part {
                (name, Some(inode)) => drop(names.insert(name, inode)),
                (name, None) => drop(names.remove(&name)),
            }
        }
        self.names = names.clone();
        self.synced_names = names;
        for inode in self.inodes.values_mut() {
            inode.power_cut(&mut self.chance);
        }
    }
}
