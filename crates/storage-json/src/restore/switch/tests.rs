//! Interrupted switches, and invalid lists of moves.

use std::os::unix::fs::symlink;

use super::*;

const USERS: &str = "users.json";

/// A folder with an old store of two files and a folder, and a restored one.
fn place() -> (tempfile::TempDir, MoveList) {
    let place = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("users.json", "old"),
        ("journal-1", "old"),
        ("keys/a.pem", "old"),
        ("restore.new/users.json", "new"),
        ("restore.new/audit.ndjson", "new"),
        ("restore.new/keys/b.pem", "new"),
    ] {
        let path = place.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let out = ["users.json", "journal-1", "keys"].map(str::to_owned);
    let into = ["users.json", "audit.ndjson", "keys"].map(str::to_owned);
    (place, MoveList::new("replaced-1", out.to_vec(), into.to_vec(), USERS).unwrap())
}

fn prepared(folder: &Path, list: MoveList) -> Switch<'_> {
    Switch::prepare(folder, list).unwrap()
}

fn assert_switched(folder: &Path) {
    let read = |path: &str| fs::read_to_string(folder.join(path)).unwrap();
    for (path, text) in [
        ("users.json", "new"),
        ("audit.ndjson", "new"),
        ("keys/b.pem", "new"),
        ("replaced-1/users.json", "old"),
        ("replaced-1/journal-1", "old"),
        ("replaced-1/keys/a.pem", "old"),
    ] {
        assert_eq!(read(path), text, "{path}");
    }
    for gone in ["restore.new", "restore.json", "journal-1", "keys/a.pem"] {
        assert!(!folder.join(gone).exists(), "{gone}");
    }
}

/// All paths below a folder.
fn paths(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            found.extend(paths(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[test]
fn a_switch_interrupted_after_any_move_is_completed_later() {
    for made in 0..=6 {
        let (place, list) = place();
        let folder = place.path();
        let switch = prepared(folder, list);
        switch.commit().unwrap();
        let (staging, replaced) = (switch.staging.as_ref().unwrap(), switch.replaced.as_ref().unwrap());
        let out = switch.list.out.iter().map(|name| (&switch.store, replaced, name));
        let into = switch.list.into.iter().map(|name| (staging, &switch.store, name));
        out.chain(into).take(made).for_each(|(from, to, name)| move_new(from, to, name).unwrap());
        assert!(finish(folder, USERS).unwrap(), "after {made} moves");
        assert_switched(folder);
        assert!(!finish(folder, USERS).unwrap(), "a second time there is nothing to do");
    }
}

#[test]
fn a_restore_that_was_never_in_force_is_cleared_away() {
    let (place, _) = place();
    assert!(!finish(place.path(), USERS).unwrap());
    clear_undecided(place.path()).unwrap();
    assert_eq!(fs::read_to_string(place.path().join("users.json")).unwrap(), "old");
    assert!(!place.path().join(STAGING).exists());
}

#[test]
fn a_switch_overwrites_nothing() {
    let (place, mut list) = place();
    list.out.clear();
    let switch = prepared(place.path(), list);
    switch.commit().unwrap();
    assert_eq!(switch.carry_out().unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(place.path().join("users.json")).unwrap(), "old");
    assert_eq!(fs::read_to_string(place.path().join("restore.new/users.json")).unwrap(), "new");
}

fn list_of(replaced: &str, out: &str, into: &str) -> String {
    serde_json::json!({
        "format": "roster-restore", "version": 1, "replaced": replaced, "out": ["users.json", out], "in": [into]
    })
    .to_string()
}

#[test]
fn an_invalid_list_is_rejected_and_nothing_moves() {
    let bad = ["../x", "/etc/passwd", "", ".", "..", "roster.toml", "users.json/../../x", "audit-/../../x"];
    let lists = bad.iter().flat_map(|name| {
        [
            list_of("replaced-1", name, "users.json"),
            list_of("replaced-1", "users.json", name),
            list_of(name, "users.json", "users.json"),
        ]
    });
    let others = [
        list_of("replaced-/../../x", "users.json", "users.json"),
        r#"{"format":"roster-restore","version":1,"out":[{"from":"/etc/passwd","to":"x"}],"in":[]}"#
            .to_owned(),
        String::new(),
    ];
    for list in lists.chain(others) {
        let (place, _) = place();
        fs::write(place.path().join(SWITCH_FILE), &list).unwrap();
        let before = paths(place.path());
        let rejected = finish(place.path(), USERS).unwrap_err();
        assert!(matches!(rejected, OpenError::BadMoves { .. }), "{list}: {rejected:?}");
        assert!(rejected.to_string().contains("restore.json") && rejected.to_string().contains("remove it"));
        assert_eq!(paths(place.path()), before, "{list}");
    }
}

#[test]
fn a_switch_follows_no_links() {
    for name in [STAGING, "replaced-1", SWITCH_FILE] {
        let (place, list) = place();
        let folder = place.path();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("users.json"), "of others").unwrap();
        let text = serde_json::to_vec(&list).unwrap();
        fs::write(outside.path().join("list"), &text).unwrap();
        fs::write(folder.join(SWITCH_FILE), &text).unwrap();
        let _ = fs::remove_dir_all(folder.join(name)).or_else(|_| fs::remove_file(folder.join(name)));
        let target =
            if name == SWITCH_FILE { outside.path().join("list") } else { outside.path().to_owned() };
        symlink(target, folder.join(name)).unwrap();
        let before = paths(folder);
        let rejected = finish(folder, USERS).unwrap_err();
        assert!(matches!(rejected, OpenError::BadMoves { .. }), "{name}: {rejected:?}");
        assert_eq!(paths(folder), before, "{name}");
        assert_eq!(paths(outside.path()).len(), 2, "{name}");
    }
}
