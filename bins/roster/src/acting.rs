//! As whom the superuser works in somebody else's data folder.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Context;
use nix::unistd::{Gid, Uid, getegid, geteuid, getgroups, setegid, seteuid, setgroups};

/// While this lives, a process of the superuser has the rights of the data folder's owner and no others.
///
/// The owner chooses the names in the folder and what they lead to, so the superuser must not follow them; and the
/// service, which runs as the owner, has to go on with the files. What the command itself reads and writes is opened
/// before or after. Processes of others are left as they are.
pub(crate) struct ActingAsOwner(Option<PreviousIdentity>);

/// Who the process was.
struct PreviousIdentity {
    groups: Vec<Gid>,
    group: Gid,
}

impl ActingAsOwner {
    /// Acts as the owner of `folder`, or where it is not there yet, of the nearest one above it.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn of(folder: &Path) -> anyhow::Result<Self> {
        let folder =
            std::path::absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
        let Some(found) = folder.ancestors().find_map(|folder| fs::metadata(folder).ok()) else {
            return Ok(Self(None));
        };
        let (user, group) = (Uid::from_raw(found.uid()), Gid::from_raw(found.gid()));
        if !geteuid().is_root() || user.is_root() {
            return Ok(Self(None));
        }
        let before = PreviousIdentity { groups: getgroups()?, group: getegid() };
        let act = || {
            setgroups(&[])?;
            setegid(group)?;
            // For every thread of the process, and last: it takes the right to do the rest.
            seteuid(user)
        };
        let acting = Self(Some(before));
        act().with_context(|| format!("cannot act as the owner of \"{}\"", folder.display()))?;
        Ok(acting)
    }
}

impl Drop for ActingAsOwner {
    fn drop(&mut self) {
        let Some(PreviousIdentity { groups, group }) = &self.0 else { return };
        // The real user is the superuser still, who may take these back.
        let back = seteuid(Uid::from_raw(0)).and_then(|()| setegid(*group)).and_then(|()| setgroups(groups));
        if let Err(error) = back {
            tracing::warn!(%error, "the command goes on with the rights of the data folder's owner");
        }
    }
}
