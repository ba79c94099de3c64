//! No file of a crate depends on itself, not even through others.

use std::path::Path;

use serde_json::Value;

use crate::graph::{Arrows, circles};
use crate::modules::Modules;
use crate::workspace::{items, packages, text};

/// Folders whose circles are not cut yet.
const NOT_YET: [&str; 2] = ["crates/http/", "crates/service/src/import_users/"];

#[test]
fn no_crate_has_a_circle_of_files() {
    let packages = packages();
    let targets = packages.iter().flat_map(|package| items(package, "targets"));
    let found: Vec<String> = targets.flat_map(circles_in).collect();
    assert!(found.is_empty(), "circles of files:\n{}", found.join("\n"));
}

/// Each circle of the library, binary or test, with a name behind every arrow.
fn circles_in(target: &Value) -> Vec<String> {
    let arrows = Modules::read(Path::new(text(target, "src_path"))).arrows();
    let described = circles(&arrows).into_iter().map(|circle| describe(&circle, &arrows));
    described.filter(|circle| !NOT_YET.iter().any(|folder| circle.starts_with(folder))).collect()
}

fn describe(circle: &[&Path], arrows: &Arrows) -> String {
    let next = circle.iter().cycle().skip(1);
    let steps = circle
        .iter()
        .zip(next)
        .map(|(from, to)| format!("{} -({})-> ", in_workspace(from), arrows[*from][*to]));
    steps.chain([in_workspace(circle[0])]).collect()
}

fn in_workspace(file: &Path) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    file.strip_prefix(workspace).unwrap_or(file).display().to_string()
}
