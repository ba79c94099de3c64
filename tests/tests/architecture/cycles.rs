//! The files of a crate have no dependency cycles.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::graph::{Dependencies, cycles};
use crate::modules::Modules;
use crate::workspace::{items, packages, text};

#[test]
fn no_crate_has_a_dependency_cycle_between_files() {
    let packages = packages();
    let targets = packages.iter().flat_map(|package| items(package, "targets"));
    let found: Vec<String> = targets.flat_map(cycles_in).collect();
    assert!(found.is_empty(), "dependency cycles:\n{}", found.join("\n"));
}

/// The cycles in a library, a binary or a test, one line each. Every dependency is shown with a name that causes it.
fn cycles_in(target: &Value) -> Vec<String> {
    let dependencies = Modules::read(Path::new(text(target, "src_path"))).dependencies();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    cycles(&dependencies).iter().map(|cycle| describe(cycle, &dependencies, workspace)).collect()
}

fn describe(cycle: &[&Path], dependencies: &Dependencies, root: &Path) -> String {
    let shown = |file: &Path| file.strip_prefix(root).unwrap_or(file).display().to_string();
    let next = cycle.iter().cycle().skip(1);
    let steps = cycle.iter().zip(next);
    let steps = steps.map(|(from, to)| format!("{} -({})-> ", shown(from), dependencies[*from][*to]));
    steps.chain([shown(cycle[0])]).collect()
}

/// The cycles in a crate that consists of these files.
fn cycles_of(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, source).unwrap();
    }
    let dependencies = Modules::read(&folder.path().join("lib.rs")).dependencies();
    cycles(&dependencies).iter().map(|cycle| describe(cycle, &dependencies, folder.path())).collect()
}

#[test]
fn two_files_that_use_each_other_form_a_cycle() {
    let found = cycles_of(&[
        ("lib.rs", "mod one; mod two;"),
        ("one.rs", "use crate::two::Two; pub struct One(Two);"),
        ("two.rs", "pub struct Two; impl Two { fn grow(self) -> crate::one::One { todo!() } }"),
    ]);
    assert_eq!(found, ["one.rs -(crate::two::Two)-> two.rs -(crate::one::One)-> one.rs"]);
}

#[test]
fn a_re_exported_name_resolves_to_its_defining_file() {
    let found = cycles_of(&[
        ("lib.rs", "mod parent;"),
        ("parent/mod.rs", "mod one; mod two; pub use two::Two;"),
        ("parent/one.rs", "use super::Two; pub struct One(Two);"),
        ("parent/two.rs", "use super::one; pub struct Two(Vec<one::One>);"),
    ]);
    assert_eq!(found, ["parent/one.rs -(super::Two)-> parent/two.rs -(one::One)-> parent/one.rs"]);
}

#[test]
fn a_parent_and_a_child_that_use_each_other_form_a_cycle() {
    let child = ("parent/child.rs", "use super::Parent; pub fn grow(_: Parent) {}");
    let parent = |source| cycles_of(&[("lib.rs", "mod parent;"), ("parent.rs", source), child]);
    assert_eq!(parent("mod child; pub struct Parent;"), [""; 0]);
    let cycle = "parent/child.rs -(super::Parent)-> parent.rs -(child::grow)-> parent/child.rs";
    assert_eq!(parent("mod child; pub struct Parent; pub use child::grow;"), [cycle]);
}

#[test]
fn an_item_that_a_macro_defines_belongs_to_the_file_of_the_call() {
    let found = cycles_of(&[
        ("lib.rs", "mod one; mod two;"),
        ("one.rs", "named! { One } fn f(_: crate::two::Two) {}"),
        ("two.rs", "use crate::one::One; pub struct Two(One);"),
    ]);
    assert_eq!(found, ["one.rs -(crate::two::Two)-> two.rs -(crate::one::One)-> one.rs"]);
}

#[test]
fn paths_in_macros_and_attributes_count_and_test_code_does_not() {
    let two = ("two.rs", "use crate::one::One; pub fn two(_: One) {}");
    let one = |source| cycles_of(&[("lib.rs", "mod one; mod two;"), ("one.rs", source), two]);
    assert_eq!(one("pub struct One; fn f() { vec![crate::two::two(One)]; }").len(), 1);
    assert_eq!(one("#[serde(with = \"crate::two::two\")] pub struct One;").len(), 1);
    assert_eq!(one("pub struct One; #[cfg(test)] mod tests { use crate::two::two; }").len(), 0);
}
