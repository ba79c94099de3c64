//! Checks the keys in a database for faults.

use std::fs;

use roster_auth::token::KeyRing;
use roster_storage::{Finding, StoredKeys};

use super::database::DatabaseKeys;
use crate::terminal::chain;

impl DatabaseKeys {
    /// Checks the ring and the sealing keys. Changes nothing.
    pub(super) fn examine(&self, findings: &mut Vec<Finding>) {
        self.note_folder(findings);
        let found = self.sealing.check().and_then(|()| self.table.read()).and_then(|stored| {
            let ring = self.ring(&stored)?;
            Ok(ring.map(|ring| (ring, stored)))
        });
        match found {
            Ok(Some((ring, stored))) => self.examine_private(&ring, &stored, findings),
            Ok(None) => {}
            Err(error) => findings.push(self.fault(&error)),
        }
    }

    fn examine_private(&self, ring: &KeyRing, stored: &StoredKeys, findings: &mut Vec<Finding>) {
        for key in ring.keys().iter().filter(|key| Self::signs(key.state)) {
            if let Err(error) = self.private_key(stored, key.id()) {
                findings.push(self.fault(&error));
                return;
            }
        }
        let is_old = |sealed| matches!(self.open(sealed), Ok((_, false)));
        if stored.private.iter().any(is_old) {
            findings.push(Finding::note(
                self.location.clone(),
                "signing keys are sealed with an older sealing key than the first one of storage.sealing_key",
                "roster keys reseal",
            ));
        }
    }

    /// The files that keys were copied from can still sign.
    fn note_folder(&self, findings: &mut Vec<Finding>) {
        if fs::symlink_metadata(self.folder.state_file()).is_ok() {
            let folder = self.folder.path().display().to_string();
            let what = "this folder has signing keys of an older version, which are in the database now";
            let remedy = format!("once no older version runs, remove it: rm -r \"{folder}\"");
            findings.push(Finding::note(folder, what, remedy));
        }
    }

    fn fault(&self, error: &anyhow::Error) -> Finding {
        let text = chain(error);
        let (what, remedy) = text.split_once("; ").unwrap_or((&text, "restore a backup"));
        Finding::fault(self.location.clone(), what, remedy)
    }
}
