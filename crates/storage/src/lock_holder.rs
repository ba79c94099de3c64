//! Finds the process that holds the lock of a file.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;

/// How often to read the kernel's list. It is longer than one read, and misses entries if others are removed meanwhile.
const LOOKS: usize = 5;

/// The id of a process that holds an advisory lock (flock) of `file`: according to the kernel, or else the id that the file
/// contains. The kernel comes first, because a process that only reads writes no id, and the file may have that of a killed
/// one. `None` if the kernel's list is unavailable or hides processes of other containers, and the file has no id.
#[must_use]
pub fn lock_holder(mut file: &File) -> Option<u32> {
    let mut written = String::new();
    // The holder may not have written its id yet.
    let _ = file.read_to_string(&mut written);
    (0..LOOKS).find_map(|_| holder_by_kernel(file)).or_else(|| written.trim().parse().ok())
}

fn holder_by_kernel(file: &File) -> Option<u32> {
    let inode = format!(":{}", file.metadata().ok()?.ino());
    let locks = fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        // `1: FLOCK  ADVISORY  WRITE 4711 08:02:1234 0 EOF` (proc(5))
        let fields: Vec<_> = line.split_whitespace().collect();
        let [_, "FLOCK", _, _, pid, file, ..] = fields.as_slice() else { return None };
        file.ends_with(&inode).then(|| pid.parse().ok()).flatten().filter(|pid| *pid != 0)
    })
}
