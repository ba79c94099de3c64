//! The file layer: everything the engine does in a data folder, so that tests can simulate a failing disk.

mod folder;
mod ordinary;
mod real;
#[cfg(test)]
pub(crate) mod simulated;

pub(crate) use folder::{Directory, Disk, DiskFile, FileIdentity, View, read_whole};
pub(crate) use ordinary::open_ordinary;
pub(crate) use real::{LOCK_FILE, LockError, RealDirectory, RealDisk};
