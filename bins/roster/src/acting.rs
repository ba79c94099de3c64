//! Drops root privileges while working in a data folder that another user owns.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Context;
use nix::unistd::{Gid, Uid, getegid, geteuid, getgroups, setegid, seteuid, setgroups};

/// Gives a process of root only the rights of the data folder's owner, until this is dropped.
///
/// The owner controls the files and symbolic links in the folder, so it is not safe for root to follow them. The service
/// runs as the owner and must be able to use the files that the command creates. The command opens its own input and output
/// before or after. Has no effect on processes that do not run as root.
pub(crate) struct ActingAsOwner(Option<PreviousGroups>);

/// The groups of the process before the change.
struct PreviousGroups {
    groups: Vec<Gid>,
    group: Gid,
}

impl ActingAsOwner {
    /// Acts as the owner of `folder`. If it does not exist yet, the nearest existing parent decides.
    ///
    /// # Errors
    /// If the system denies the change.
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
        let before = PreviousGroups { groups: getgroups()?, group: getegid() };
        let act = || {
            setgroups(&[])?;
            setegid(group)?;
            // This applies to all threads. It comes last because it gives up the right to change groups.
            seteuid(user)
        };
        let acting = Self(Some(before));
        act().with_context(|| format!("cannot act as the owner of \"{}\"", folder.display()))?;
        Ok(acting)
    }
}

impl Drop for ActingAsOwner {
    fn drop(&mut self) {
        let Some(PreviousGroups { groups, group }) = &self.0 else { return };
        // The real user is still root, so the process can restore its privileges.
        let back = seteuid(Uid::from_raw(0)).and_then(|()| setegid(*group)).and_then(|()| setgroups(groups));
        if let Err(error) = back {
            tracing::warn!(%error, "cannot restore root privileges; continuing as the owner of the data folder");
        }
    }
}
