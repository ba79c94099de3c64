//! The dependencies of a service that only verifies tokens.

use std::collections::BTreeSet;

use crate::workspace::cargo;

/// The most packages that verifying tokens may need.
const MAX_PACKAGES: usize = 90;

#[test]
fn verifying_tokens_needs_few_packages() {
    let packages = packages_to_verify_tokens();
    let unwanted = ["idna", "precis-profiles", "precis-core", "roster-domain"];
    let found: Vec<_> = packages.iter().filter(|package| unwanted.contains(&name_of(package))).collect();
    assert!(found.is_empty(), "only the server needs these: {found:?}");
    assert!(packages.len() <= MAX_PACKAGES, "{} packages: {packages:#?}", packages.len());
}

/// The packages that `roster-auth` needs with the feature `verify` alone, build scripts included.
fn packages_to_verify_tokens() -> BTreeSet<String> {
    let tree = [
        "tree",
        "--package",
        "roster-auth",
        "--no-default-features",
        "--features",
        "verify",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--no-dedupe",
        "--locked",
    ];
    String::from_utf8(cargo(&tree)).unwrap().lines().map(str::to_owned).collect()
}

/// The name in a line such as `serde v1.0.229 (proc-macro)`.
fn name_of(package: &str) -> &str {
    package.split(' ').next().unwrap_or_default()
}
