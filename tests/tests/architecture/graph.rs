//! Circles in a graph of files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// For each file those that it depends on, with a name by which it does.
pub(crate) type Arrows = BTreeMap<PathBuf, BTreeMap<PathBuf, String>>;

/// For each file that is in a circle the shortest one, each circle once.
pub(crate) fn circles(arrows: &Arrows) -> Vec<Vec<&Path>> {
    let mut found = BTreeMap::new();
    for circle in arrows.keys().filter_map(|file| shortest_circle(arrows, file)) {
        let members: BTreeSet<&Path> = circle.iter().copied().collect();
        found.entry(members).or_insert(circle);
    }
    found.into_values().collect()
}

/// The shortest way from `start` back to it, by breadth-first search.
fn shortest_circle<'a>(arrows: &'a Arrows, start: &'a Path) -> Option<Vec<&'a Path>> {
    let mut came_from: BTreeMap<&Path, &Path> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for next in arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                return Some(way_to(&came_from, file));
            }
            if !came_from.contains_key(next.as_path()) {
                came_from.insert(next, file);
                queue.push_back(next);
            }
        }
    }
    None
}

/// The files on the way to `last`, from the first on.
fn way_to<'a>(came_from: &BTreeMap<&'a Path, &'a Path>, last: &'a Path) -> Vec<&'a Path> {
    let mut way: Vec<&Path> =
        std::iter::successors(Some(last), |file| came_from.get(file).copied()).collect();
    way.reverse();
    way
}
