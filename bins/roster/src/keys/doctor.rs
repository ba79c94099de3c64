//! Checks the key folder for faults.

use std::fs;
use std::iter;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use roster_auth::token::{KeyRing, KeyState};
use roster_storage::{Finding, FindingLevel};

use super::folder::KeyFolder;
use crate::terminal::chain;

impl KeyFolder {
    /// Checks the ring, and that each key that can sign has its private key. Changes nothing.
    pub(crate) fn check(&self, findings: &mut Vec<Finding>) {
        let before = findings.len();
        self.check_owners(findings);
        self.check_mode(findings);
        if findings.len() > before {
            // A file that this account cannot read is already reported.
            return;
        }
        match self.read() {
            Ok(Some(ring)) => self.check_ring(&ring, findings),
            Ok(None) => {}
            Err(error) => findings.push(finding_from(self, &error)),
        }
    }

    /// Notes that a sound store has no keys. They were never generated, or the folder was deleted.
    pub(crate) fn note_absence(&self, findings: &mut Vec<Finding>) {
        let is_sound = findings.iter().all(|finding| finding.level == FindingLevel::Note);
        if is_sound && matches!(self.read(), Ok(None)) && !self.legacy_key().exists() {
            findings.push(Finding::note(
                self.path().display().to_string(),
                "there are no signing keys; the next start generates new ones, and access tokens signed before become \
                 invalid",
                "if a server has run on this store, restore this folder from a backup; otherwise do nothing",
            ));
        }
    }

    fn check_ring(&self, ring: &KeyRing, findings: &mut Vec<Finding>) {
        let here = self.path().display().to_string();
        let may_sign = |state| matches!(state, KeyState::Next | KeyState::Active);
        for key in ring.keys().iter().filter(|key| may_sign(key.state)) {
            if let Err(error) = self.signing_key(key.id()) {
                findings.push(finding_from(self, &error));
            }
        }
        for name in self.names() {
            let Some(kid) = name.strip_suffix(".pem") else { continue };
            match ring.keys().iter().find(|key| key.id() == kid) {
                Some(key) if key.state == KeyState::Revoked => findings.push(Finding::note(
                    format!("{here}/{name}"),
                    "this is the private key of a revoked key",
                    format!("rm \"{here}/{name}\""),
                )),
                Some(_) => {}
                None => findings.push(Finding::fault(
                    format!("{here}/{name}"),
                    "this is the private key of a key that is not in keys.json",
                    "restore keys.json from a backup, or remove the file",
                )),
            }
        }
    }

    /// Checks that all files belong to the owner of the data folder, because the server cannot read them otherwise.
    fn check_owners(&self, findings: &mut Vec<Finding>) {
        let Some(Ok(data)) = self.path().parent().map(fs::metadata) else { return };
        let files = self.names().into_iter().map(|name| self.path().join(name));
        for path in iter::once(self.path().to_owned()).chain(files) {
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            if found.uid() != data.uid() {
                let (here, uid, gid) = (path.display(), data.uid(), data.gid());
                let what = format!(
                    "it belongs to account {}, but the data folder belongs to account {uid}",
                    found.uid()
                );
                findings.push(Finding::fault(
                    here.to_string(),
                    what,
                    format!("chown {uid}:{gid} \"{here}\""),
                ));
            }
        }
    }

    fn check_mode(&self, findings: &mut Vec<Finding>) {
        let Ok(found) = fs::metadata(self.path()) else { return };
        if found.permissions().mode() & 0o022 != 0 {
            let here = self.path().display().to_string();
            let remedy = format!("chmod 700 \"{here}\"");
            findings.push(Finding::fault(here, "other users can create and remove files here", remedy));
        }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names
    }
}

/// Converts an error. Its message describes the fault and, after a semicolon, the remedy.
fn finding_from(folder: &KeyFolder, error: &anyhow::Error) -> Finding {
    let text = chain(error);
    let (what, remedy) = text.split_once("; ").unwrap_or((&text, "restore the folder from a backup"));
    Finding::fault(folder.path().display().to_string(), what, remedy)
}
