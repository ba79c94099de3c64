//! No file of a crate depends on itself, neither directly nor through other files.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::graph::{Arrows, circles};
use crate::modules::Modules;
use crate::workspace::{items, packages, text};

#[test]
fn no_crate_has_a_circle_of_files() {
    let packages = packages();
    let targets = packages.iter().flat_map(|package| items(package, "targets"));
    let found: Vec<String> = targets.flat_map(circles_in).collect();
    assert!(found.is_empty(), "circles of files:\n{}", found.join("\n"));
}

/// The circles of a library, a binary or a test, a line each, with a name that is behind each arrow.
fn circles_in(target: &Value) -> Vec<String> {
    let arrows = Modules::read(Path::new(text(target, "src_path"))).arrows();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    circles(&arrows).iter().map(|circle| describe(circle, &arrows, workspace)).collect()
}

fn describe(circle: &[&Path], arrows: &Arrows, root: &Path) -> String {
    let shown = |file: &Path| file.strip_prefix(root).unwrap_or(file).display().to_string();
    let next = circle.iter().cycle().skip(1);
    let steps = circle.iter().zip(next);
    let steps = steps.map(|(from, to)| format!("{} -({})-> ", shown(from), arrows[*from][*to]));
    steps.chain([shown(circle[0])]).collect()
}

/// The circles in a crate of these files.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, source).unwrap();
    }
    let arrows = Modules::read(&folder.path().join("lib.rs")).arrows();
    circles(&arrows).iter().map(|circle| describe(circle, &arrows, folder.path())).collect()
}

#[test]
fn two_files_that_name_each_other_are_a_circle() {
    let found = circles_of(&[
        ("lib.rs", "mod one; mod two;"),
        ("one.rs", "use crate::two::Two; pub struct One(Two);"),
        ("two.rs", "pub struct Two; impl Two { fn grow(self) -> crate::one::One { todo!() } }"),
    ]);
    assert_eq!(found, ["one.rs -(crate::two::Two)-> two.rs -(crate::one::One)-> one.rs"]);
}

#[test]
fn a_re_exported_name_leads_to_the_file_that_defines_it() {
    let found = circles_of(&[
        ("lib.rs", "mod parent;"),
        ("parent/mod.rs", "mod one; mod two; pub use two::Two;"),
        ("parent/one.rs", "use super::Two; pub struct One(Two);"),
        ("parent/two.rs", "use super::one; pub struct Two(Vec<one::One>);"),
    ]);
    assert_eq!(found, ["parent/one.rs -(super::Two)-> parent/two.rs -(one::One)-> parent/one.rs"]);
}

#[test]
fn a_parent_that_uses_its_child_is_not_to_be_used_by_it() {
    let child = ("parent/child.rs", "use super::Parent; pub fn grow(_: Parent) {}");
    let parent = |source| circles_of(&[("lib.rs", "mod parent;"), ("parent.rs", source), child]);
    assert_eq!(parent("mod child; pub struct Parent;"), [""; 0]);
    let circle = "parent/child.rs -(super::Parent)-> parent.rs -(child::grow)-> parent/child.rs";
    assert_eq!(parent("mod child; pub struct Parent; pub use child::grow;"), [circle]);
}

#[test]
fn paths_in_macro_calls_and_attributes_count_and_code_for_tests_does_not() {
    let two = ("two.rs", "use crate::one::One; pub fn two(_: One) {}");
    let one = |source| circles_of(&[("lib.rs", "mod one; mod two;"), ("one.rs", source), two]);
    assert_eq!(one("pub struct One; fn f() { vec![crate::two::two(One)]; }").len(), 1);
    assert_eq!(one("#[serde(with = \"crate::two::two\")] pub struct One;").len(), 1);
    assert_eq!(one("pub struct One; #[cfg(test)] mod tests { use crate::two::two; }").len(), 0);
}
