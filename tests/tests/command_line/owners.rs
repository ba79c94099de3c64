//! Commands of the superuser on a data folder that belongs to the account of the service. Without the right to change
//! owners the tests say so and are skipped, but not where `CI` is set.

use crate::workplace::Workplace;
use roster_tests::{PASSWORD, until};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// The account of the service: any but root's.
const SERVICE: u32 = 54_321;

/// A workplace whose data folder is there, empty, and belongs to the service. `None` if this process is no superuser.
fn workplace() -> Option<Workplace> {
    let place = Workplace::new();
    let data = place.file("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
    if chown(&data, Some(SERVICE), Some(SERVICE)).is_ok() {
        return Some(place);
    }
    eprintln!("SKIPPED: cannot change owners, run the tests as root");
    assert!(!is_ci(), "CI must be able to change owners");
    None
}

#[expect(clippy::disallowed_methods, reason = "whether a skip is a failure is for whoever runs the tests")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// All files and folders below `folder` that do not belong to the service. A socket is its server's as long as that runs,
/// and the owner of the folder may remove it.
fn of_others(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            found.extend(of_others(&path));
        }
        if !metadata.file_type().is_socket() && (metadata.uid(), metadata.gid()) != (SERVICE, SERVICE) {
            found.push(path);
        }
    }
    found
}

/// A server that runs as the service, killed when dropped.
struct Service(Child);

impl Service {
    /// Starts it and waits until it serves.
    fn start(place: &Workplace) -> Self {
        let log = place.file("service.log");
        let mut command = place.setup.clone().without("JWT_SECRET").command(place.path());
        command.uid(SERVICE).gid(SERVICE).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        let mut service = Self(command.spawn().unwrap());
        until("the service to serve", || {
            let said = fs::read_to_string(&log).unwrap();
            assert_eq!(service.0.try_wait().unwrap(), None, "{said}");
            said.contains("\"serving\"").then_some(())
        });
        service
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_the_superuser_makes_belongs_to_the_owner_of_the_data_folder() {
    let Some(place) = workplace() else { return };
    place.create("ada", &["--role", "admin"]);
    place.run(&["keys", "generate"]).must_exit(0);
    place.run_with(&["user", "set-password", "ada", "--password-stdin"], PASSWORD).must_exit(0);
    assert_eq!(of_others(&place.file("data")), Vec::<PathBuf>::new());
    drop(Service::start(&place));
    // A killed server leaves a journal, which the next command folds in.
    place.create("bob", &[]);
    place.run(&["user", "disable", "bob"]).must_exit(0);
    assert_eq!(of_others(&place.file("data")), Vec::<PathBuf>::new());
    drop(Service::start(&place));
}

#[test]
fn a_file_that_the_superuser_has_written_into_the_data_folder_belongs_to_its_owner() {
    let Some(place) = workplace() else { return };
    place.create("ada", &[]);
    let write = |name: &str| {
        place.run(&["backup", &format!("{name}.backup")]).must_exit(0);
        place.run(&["export", "--output", &format!("{name}.ndjson")]).must_exit(0);
    };
    write("data/stopped");
    let service = Service::start(&place);
    write("data/beside");
    write("outside");
    drop(service);
    assert_eq!(of_others(&place.file("data")), Vec::<PathBuf>::new());
    assert_eq!(fs::metadata(place.file("outside.backup")).unwrap().uid(), 0);
}

#[test]
fn the_superuser_works_on_a_folder_that_its_owner_cannot_reach_by_path() {
    let Some(place) = workplace() else { return };
    place.create("ada", &["--role", "admin"]);
    // As systemd's /var/lib/private is.
    fs::set_permissions(place.path(), Permissions::from_mode(0o700)).unwrap();
    place.run(&["user", "create", "bob", "--password-stdin"]).must_fail_saying(&["no password on stdin"]);
    assert!(place.run(&["user", "list"]).must_exit(0).stdout.contains("ada"));
    place.run(&["user", "disable", "bob"]).must_fail_saying(&["bob"]);
    place.run(&["keys", "generate"]).must_exit(0);
    place.run(&["audit"]).must_exit(0);
    place.run(&["doctor"]).must_exit(0);
    place.run(&["backup", "one.backup"]).must_exit(0);
    let restored = place.run(&["restore", "one.backup", "--replace"]).must_exit(0).stdout;
    assert!(restored.contains("data/replaced-") && !restored.contains("/proc/self"), "{restored}");
    assert!(place.run(&["user", "list"]).must_exit(0).stdout.contains("ada"));
    assert_eq!(of_others(&place.file("data")), Vec::<PathBuf>::new());
    fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
    drop(Service::start(&place));
}

#[test]
fn doctor_names_each_file_that_belongs_to_somebody_else() {
    let Some(place) = workplace() else { return };
    place.create("ada", &[]);
    let names = ["audit.ndjson", "users.json", "roster.lock"];
    for name in names {
        chown(place.file("data").join(name), Some(0), Some(0)).unwrap();
    }
    let found = place.run(&["doctor"]).must_exit(3).stdout;
    for name in names {
        assert!(found.contains(&format!("data/{name}: it belongs to account 0")), "{found}");
    }
    assert!(found.contains("chown 54321:54321"), "{found}");
    place.run(&["user", "list"]).must_fail_saying(&["doctor"]);
}

#[test]
fn a_server_that_the_superuser_starts_leaves_the_data_to_the_service() {
    let Some(place) = workplace() else { return };
    let setup = place.setup.clone().without("JWT_SECRET").without("ROSTER_ADMIN_PASSWORD");
    let mut server = setup.data(&place.file("data")).start();
    let _ = server.register_only("ada");
    assert!(place.file("data/first-admin-password").exists());
    assert_eq!(of_others(&place.file("data")), Vec::<PathBuf>::new());
    assert!(server.stop().success());
    assert_eq!(of_others(&place.file("data")), Vec::<PathBuf>::new());
    drop(Service::start(&place));
    server.restart();
    server.kill();
    assert_eq!(of_others(&place.file("data")), Vec::<PathBuf>::new());
    drop(Service::start(&place));
}

#[test]
fn a_stale_socket_of_the_superuser_is_replaced_by_that_of_the_service() {
    let Some(place) = workplace() else { return };
    drop(UnixListener::bind(place.file("data/roster.sock")).unwrap());
    let owner = || fs::symlink_metadata(place.file("data/roster.sock")).unwrap().uid();
    assert_eq!(owner(), 0);
    let _service = Service::start(&place);
    assert_eq!(owner(), SERVICE);
    place.run(&["user", "list"]).must_exit(0);
}

#[test]
fn no_link_in_the_data_folder_makes_the_superuser_write_or_give_away_another_file() {
    let Some(place) = workplace() else { return };
    place.create("ada", &[]);
    let other = place.file("other");
    for name in ["roster.lock", "audit.ndjson"] {
        let path = place.file("data").join(name);
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&other, "of root").unwrap();
        symlink(&other, &path).unwrap();
        let _ = place.run(&["user", "disable", "ada"]);
        let _ = place.run(&["user", "enable", "ada"]);
        assert_eq!(fs::read_to_string(&other).unwrap(), "of root", "{name}");
        assert_eq!(fs::metadata(&other).unwrap().uid(), 0, "{name}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, kept).unwrap();
        chown(&path, Some(SERVICE), Some(SERVICE)).unwrap();
    }
}

#[test]
fn doctor_finds_keys_that_the_service_cannot_read() {
    let Some(place) = workplace() else { return };
    place.create("ada", &["--role", "admin"]);
    place.run(&["keys", "generate"]).must_exit(0);
    place.run(&["doctor"]).must_exit(0);
    let keys = place.file("data/keys");
    for path in fs::read_dir(&keys).unwrap().map(|entry| entry.unwrap().path()).chain([keys.clone()]) {
        chown(&path, Some(0), Some(0)).unwrap();
    }
    let found = place.run(&["doctor"]).must_exit(3).stdout;
    assert!(found.contains("chown 54321:54321"), "{found}");
}

/// A folder that only the superuser may enter, with a file.
fn private_folder(place: &Workplace) -> PathBuf {
    let folder = place.file("private");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    fs::write(folder.join("secret"), "of root").unwrap();
    folder
}

#[test]
fn the_superuser_reads_and_moves_nothing_for_the_owner_of_the_data_folder() {
    let Some(place) = workplace() else { return };
    place.create("ada", &[]);
    let private = private_folder(&place);
    let moves = "{\"format\":\"roster-restore\",\"version\":1,\"in\":[],\
        \"out\":[{\"from\":\"../private/secret\",\"to\":\"loot\"}]}";
    fs::write(place.file("data/restore.json"), moves).unwrap();
    let _ = place.run(&["user", "list"]);
    fs::remove_file(place.file("data/restore.json")).unwrap();
    assert_eq!(fs::read_to_string(private.join("secret")).unwrap(), "of root");
    // The key of another program, under the name that an older Roster gave its own.
    let key = private.join("tls.pem");
    place.run(&["keys", "generate"]).must_exit(0);
    let mut made = fs::read_dir(place.file("data/keys")).unwrap().map(|entry| entry.unwrap().path());
    let pem = made.find(|path| path.extension().is_some_and(|end| end == "pem")).unwrap();
    fs::rename(&pem, &key).unwrap();
    chown(&key, Some(0), Some(0)).unwrap();
    fs::remove_dir_all(place.file("data/keys")).unwrap();
    symlink(&key, place.file("data/signing-key.pem")).unwrap();
    let _ = place.run(&["keys", "generate"]);
    let secret = fs::read(&key).unwrap();
    let copies =
        fs::read_dir(place.file("data/keys")).into_iter().flatten().map(|entry| entry.unwrap().path());
    assert!(copies.into_iter().all(|path| fs::read(path).unwrap() != secret));
}

#[test]
fn a_link_in_the_place_of_the_keys_leads_the_superuser_nowhere() {
    let Some(place) = workplace() else { return };
    place.create("ada", &[]);
    let private = private_folder(&place);
    symlink(&private, place.file("data/keys")).unwrap();
    place.run(&["keys", "generate"]).must_exit(1);
    assert_eq!(fs::read_dir(&private).unwrap().count(), 1);
}

#[test]
fn output_goes_where_the_superuser_may_write_and_the_service_may_not() {
    let Some(place) = workplace() else { return };
    place.create("ada", &[]);
    let private = private_folder(&place);
    let (backup, export) = (private.join("a.backup"), private.join("users.ndjson"));
    place.run(&["backup", backup.to_str().unwrap()]).must_exit(0);
    place.run(&["export", "--output", export.to_str().unwrap()]).must_exit(0);
    place.run(&["import", "--dry-run", export.to_str().unwrap()]).must_exit(0);
    place.run(&["restore", "--check", backup.to_str().unwrap()]).must_exit(0);
    assert_eq!(fs::metadata(&backup).unwrap().uid(), 0);
}

#[test]
fn a_store_that_the_superuser_restores_belongs_to_the_owner_of_the_data_folder() {
    let Some(place) = workplace() else { return };
    let (source, _) = crate::backups::backed_up();
    let backup = source.file("roster.backup");
    place.run(&["restore", backup.to_str().unwrap()]).must_exit(0);
    assert_eq!(of_others(&place.file("data")), Vec::<PathBuf>::new());
    place.run(&["restore", backup.to_str().unwrap(), "--replace"]).must_exit(0);
    assert_eq!(of_others(&place.file("data")), Vec::<PathBuf>::new());
    // Nobody's link leads a restore to another folder.
    let elsewhere = place.file("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("kept"), "").unwrap();
    symlink(&elsewhere, place.file("data/restore.new")).unwrap();
    place.run(&["restore", backup.to_str().unwrap(), "--replace"]).must_exit(0);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
    drop(Service::start(&place));
    place.run(&["backup", "again.backup"]).must_exit(0);
    let said = place.run(&["restore", "--check", "again.backup"]).must_exit(0).stdout;
    assert!(said.contains("2 users"), "{said}");
}
