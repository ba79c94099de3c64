//! Cycles in a graph of files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// The files that each file depends on, with a name that causes the dependency.
pub(crate) type Dependencies = BTreeMap<PathBuf, BTreeMap<PathBuf, String>>;

/// The shortest cycle through each file that is in one, without duplicates.
pub(crate) fn cycles(dependencies: &Dependencies) -> Vec<Vec<&Path>> {
    let mut found = BTreeMap::new();
    for cycle in dependencies.keys().filter_map(|file| shortest_cycle(dependencies, file)) {
        let members: BTreeSet<&Path> = cycle.iter().copied().collect();
        found.entry(members).or_insert(cycle);
    }
    found.into_values().collect()
}

/// The shortest path from `start` back to itself, by breadth-first search.
fn shortest_cycle<'a>(dependencies: &'a Dependencies, start: &'a Path) -> Option<Vec<&'a Path>> {
    let mut previous: BTreeMap<&Path, &Path> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for next in dependencies.get(file).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                return Some(path_to(&previous, file));
            }
            if !previous.contains_key(next.as_path()) {
                previous.insert(next, file);
                queue.push_back(next);
            }
        }
    }
    None
}

/// The files on the path to `last`, from the first to the last.
fn path_to<'a>(previous: &BTreeMap<&'a Path, &'a Path>, last: &'a Path) -> Vec<&'a Path> {
    let mut path: Vec<&Path> =
        std::iter::successors(Some(last), |file| previous.get(file).copied()).collect();
    path.reverse();
    path
}
