//! To whom new files belong.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

use rustix::fs::OFlags;

const ROOT: u32 = 0;

/// Gives the files that a superuser makes to the owner of the data folder, so that the service, which runs as that
/// account, can go on with them.
///
/// The owner of the folder chooses the names in it. So no link is followed, and only files that belong to the
/// superuser and have no other name are given away: nobody gets a file of the system by this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner(Option<Account>);

#[derive(Clone, Copy, Debug)]
struct Account {
    user: u32,
    group: u32,
}

impl Owner {
    /// The owner of this folder. Whoever is no superuser, or owns it, keeps their files.
    pub(crate) fn of(folder: &File) -> io::Result<Self> {
        let found = folder.metadata()?;
        let is_elses = rustix::process::geteuid().is_root() && found.uid() != ROOT;
        Ok(Self(is_elses.then(|| Account { user: found.uid(), group: found.gid() })))
    }

    /// How files are opened that may have to be given away.
    pub(crate) fn options(self) -> OpenOptions {
        let mut options = OpenOptions::new();
        if self.0.is_some() {
            options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        }
        options
    }

    /// Makes a folder that only its owner may enter, which is not there yet.
    pub(crate) fn make_folder(self, path: &Path) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(path)?;
        let Some(Account { user, group }) = self.0 else { return Ok(()) };
        let flags = (OFlags::NOFOLLOW | OFlags::DIRECTORY).bits().cast_signed();
        let made = File::options().read(true).custom_flags(flags).open(path)?;
        if made.metadata()?.uid() != ROOT {
            return Ok(());
        }
        fchown(&made, Some(user), Some(group))
    }

    /// Gives the file away if that has to be.
    pub(crate) fn give(self, file: File) -> io::Result<File> {
        if let Some(Account { user, group }) = self.0 {
            let found = file.metadata()?;
            if found.is_file() && found.uid() == ROOT && found.nlink() == 1 {
                fchown(&file, Some(user), Some(group))?;
            }
        }
        Ok(file)
    }
}
