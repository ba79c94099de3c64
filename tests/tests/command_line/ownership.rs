//! Commands that root runs on a data folder of the service account. Without permission to change owners, the tests
//! print a message and are skipped, or fail if `CI` is set.

use crate::sandbox::Sandbox;
use roster_tests::{Engine, PASSWORD, skip, wait_for};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// The user id of the service account. Any id except root's works.
const SERVICE: u32 = 54_321;

/// A sandbox with an empty data folder that belongs to the service account. `None` if this process is not root.
fn sandbox() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    let data = sandbox.file("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(sandbox.path(), Permissions::from_mode(0o755)).unwrap();
    if chown(&data, Some(SERVICE), Some(SERVICE)).is_ok() {
        return Some(sandbox);
    }
    skip("only root can change owners");
    None
}

/// All files and folders below `folder` that do not belong to the service account, except for sockets: the owner of
/// the folder can remove a socket.
fn foreign_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            found.extend(foreign_files(&path));
        }
        if !metadata.file_type().is_socket() && (metadata.uid(), metadata.gid()) != (SERVICE, SERVICE) {
            found.push(path);
        }
    }
    found
}

/// A server that runs under the service account. It is killed when dropped.
struct Service(Child);

impl Service {
    /// Starts the server and waits until it serves.
    fn start(sandbox: &Sandbox) -> Self {
        let log = sandbox.file("service.log");
        let mut command = sandbox.setup.clone().without("JWT_SECRET").command(sandbox.path());
        command.uid(SERVICE).gid(SERVICE).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        let mut service = Self(command.spawn().unwrap());
        wait_for("the service to serve", || {
            let text = fs::read_to_string(&log).unwrap();
            assert_eq!(service.0.try_wait().unwrap(), None, "{text}");
            text.contains("\"serving\"").then_some(())
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
fn files_created_by_root_belong_to_the_data_folders_owner() {
    let Some(sandbox) = sandbox() else { return };
    sandbox.create("ada", &["--role", "admin"]);
    sandbox.run(&["keys", "generate"]).must_exit(0);
    sandbox.run_with(&["user", "set-password", "ada", "--password-stdin"], PASSWORD).must_exit(0);
    assert_eq!(foreign_files(&sandbox.file("data")), Vec::<PathBuf>::new());
    drop(Service::start(&sandbox));
    // A killed server leaves a journal, which the next command merges into the snapshot.
    sandbox.create("bob", &[]);
    sandbox.run(&["user", "disable", "bob"]).must_exit(0);
    assert_eq!(foreign_files(&sandbox.file("data")), Vec::<PathBuf>::new());
    drop(Service::start(&sandbox));
}

#[test]
fn exports_and_backups_that_root_writes_into_the_data_folder_belong_to_its_owner() {
    let Some(sandbox) = sandbox() else { return };
    sandbox.create("ada", &[]);
    let write = |name: &str| {
        sandbox.run(&["backup", &format!("{name}.backup")]).must_exit(0);
        sandbox.run(&["export", "--output", &format!("{name}.ndjson")]).must_exit(0);
    };
    write("data/stopped");
    let service = Service::start(&sandbox);
    write("data/beside");
    write("outside");
    drop(service);
    assert_eq!(foreign_files(&sandbox.file("data")), Vec::<PathBuf>::new());
    assert_eq!(fs::metadata(sandbox.file("outside.backup")).unwrap().uid(), 0);
}

#[test]
fn root_can_use_a_data_folder_whose_path_the_owner_cannot_enter() {
    Engine::Json.only();
    let Some(sandbox) = sandbox() else { return };
    sandbox.create("ada", &["--role", "admin"]);
    // Like /var/lib/private of systemd.
    fs::set_permissions(sandbox.path(), Permissions::from_mode(0o700)).unwrap();
    sandbox.run(&["user", "create", "bob", "--password-stdin"]).must_fail_with(&["no password on stdin"]);
    assert!(sandbox.run(&["user", "list"]).must_exit(0).stdout.contains("ada"));
    sandbox.run(&["user", "disable", "bob"]).must_fail_with(&["bob"]);
    sandbox.run(&["keys", "generate"]).must_exit(0);
    sandbox.run(&["audit"]).must_exit(0);
    sandbox.run(&["doctor"]).must_exit(0);
    sandbox.run(&["backup", "one.backup"]).must_exit(0);
    let restored = sandbox.run(&["restore", "one.backup", "--replace"]).must_exit(0).stdout;
    assert!(restored.contains("data/replaced-") && !restored.contains("/proc/self"), "{restored}");
    assert!(sandbox.run(&["user", "list"]).must_exit(0).stdout.contains("ada"));
    assert_eq!(foreign_files(&sandbox.file("data")), Vec::<PathBuf>::new());
    fs::set_permissions(sandbox.path(), Permissions::from_mode(0o755)).unwrap();
    drop(Service::start(&sandbox));
}

#[test]
fn doctor_reports_files_with_the_wrong_owner() {
    Engine::Json.only();
    let Some(sandbox) = sandbox() else { return };
    sandbox.create("ada", &[]);
    let names = ["audit.ndjson", "users.json", "roster.lock"];
    for name in names {
        chown(sandbox.file("data").join(name), Some(0), Some(0)).unwrap();
    }
    let found = sandbox.run(&["doctor"]).must_exit(3).stdout;
    for name in names {
        assert!(found.contains(&format!("data/{name}: it belongs to account 0")), "{found}");
    }
    assert!(found.contains("chown 54321:54321"), "{found}");
    sandbox.run(&["user", "list"]).must_fail_with(&["doctor"]);
}

#[test]
fn a_server_started_by_root_leaves_its_files_to_the_service_account() {
    let Some(sandbox) = sandbox() else { return };
    let setup = sandbox.setup.clone().without("JWT_SECRET").without("ROSTER_ADMIN_PASSWORD");
    let mut server = setup.data(&sandbox.file("data")).start();
    let _ = server.register_only("ada");
    assert!(sandbox.file("data/first-admin-password").exists());
    assert_eq!(foreign_files(&sandbox.file("data")), Vec::<PathBuf>::new());
    assert!(server.stop().success());
    assert_eq!(foreign_files(&sandbox.file("data")), Vec::<PathBuf>::new());
    drop(Service::start(&sandbox));
    server.restart();
    server.kill();
    assert_eq!(foreign_files(&sandbox.file("data")), Vec::<PathBuf>::new());
    drop(Service::start(&sandbox));
}

#[test]
fn a_stale_socket_of_root_is_replaced_by_the_service() {
    Engine::Json.only();
    let Some(sandbox) = sandbox() else { return };
    drop(UnixListener::bind(sandbox.file("data/roster.sock")).unwrap());
    let owner = || fs::symlink_metadata(sandbox.file("data/roster.sock")).unwrap().uid();
    assert_eq!(owner(), 0);
    let _service = Service::start(&sandbox);
    assert_eq!(owner(), SERVICE);
    sandbox.run(&["user", "list"]).must_exit(0);
}

#[test]
fn symlinks_in_the_data_folder_do_not_make_root_write_or_chown_other_files() {
    Engine::Json.only();
    let Some(sandbox) = sandbox() else { return };
    sandbox.create("ada", &[]);
    let other = sandbox.file("other");
    for name in ["roster.lock", "audit.ndjson"] {
        let path = sandbox.file("data").join(name);
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&other, "root's data").unwrap();
        symlink(&other, &path).unwrap();
        let _ = sandbox.run(&["user", "disable", "ada"]);
        let _ = sandbox.run(&["user", "enable", "ada"]);
        assert_eq!(fs::read_to_string(&other).unwrap(), "root's data", "{name}");
        assert_eq!(fs::metadata(&other).unwrap().uid(), 0, "{name}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, kept).unwrap();
        chown(&path, Some(SERVICE), Some(SERVICE)).unwrap();
    }
}

#[test]
fn doctor_reports_keys_that_the_service_cannot_read() {
    Engine::Json.only();
    let Some(sandbox) = sandbox() else { return };
    sandbox.create("ada", &["--role", "admin"]);
    sandbox.run(&["keys", "generate"]).must_exit(0);
    sandbox.run(&["doctor"]).must_exit(0);
    let keys = sandbox.file("data/keys");
    for path in fs::read_dir(&keys).unwrap().map(|entry| entry.unwrap().path()).chain([keys.clone()]) {
        chown(&path, Some(0), Some(0)).unwrap();
    }
    let found = sandbox.run(&["doctor"]).must_exit(3).stdout;
    assert!(found.contains("chown 54321:54321"), "{found}");
}

/// A folder with a file that only root can enter.
fn private_folder(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.file("private");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    fs::write(folder.join("secret"), "root's data").unwrap();
    folder
}

#[test]
fn root_does_not_read_or_move_private_files_for_the_data_folders_owner() {
    let Some(sandbox) = sandbox() else { return };
    sandbox.create("ada", &[]);
    let private = private_folder(&sandbox);
    let moves = "{\"format\":\"roster-restore\",\"version\":1,\"in\":[],\
        \"out\":[{\"from\":\"../private/secret\",\"to\":\"loot\"}]}";
    fs::write(sandbox.file("data/restore.json"), moves).unwrap();
    let _ = sandbox.run(&["user", "list"]);
    fs::remove_file(sandbox.file("data/restore.json")).unwrap();
    assert_eq!(fs::read_to_string(private.join("secret")).unwrap(), "root's data");
    // A symlink to the key of another program, at the path where older versions kept their key.
    let key = private.join("tls.pem");
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/auth/tests/keys/ed25519.pem"), &key).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    chown(&key, Some(0), Some(0)).unwrap();
    symlink(&key, sandbox.file("data/signing-key.pem")).unwrap();
    let _ = sandbox.run(&["keys", "generate"]);
    let secret = fs::read(&key).unwrap();
    let copies =
        fs::read_dir(sandbox.file("data/keys")).into_iter().flatten().map(|entry| entry.unwrap().path());
    assert!(copies.into_iter().all(|path| fs::read(path).unwrap() != secret));
}

#[test]
fn a_symlink_instead_of_the_keys_folder_is_not_followed() {
    let Some(sandbox) = sandbox() else { return };
    sandbox.create("ada", &[]);
    let private = private_folder(&sandbox);
    symlink(&private, sandbox.file("data/keys")).unwrap();
    sandbox.run(&["keys", "generate"]).must_exit(1);
    assert_eq!(fs::read_dir(&private).unwrap().count(), 1);
}

#[test]
fn root_can_write_output_where_the_service_account_cannot() {
    let Some(sandbox) = sandbox() else { return };
    sandbox.create("ada", &[]);
    let private = private_folder(&sandbox);
    let (backup, export) = (private.join("a.backup"), private.join("users.ndjson"));
    sandbox.run(&["backup", backup.to_str().unwrap()]).must_exit(0);
    sandbox.run(&["export", "--output", export.to_str().unwrap()]).must_exit(0);
    sandbox.run(&["import", "--dry-run", export.to_str().unwrap()]).must_exit(0);
    sandbox.run(&["restore", "--check", backup.to_str().unwrap()]).must_exit(0);
    assert_eq!(fs::metadata(&backup).unwrap().uid(), 0);
}

#[test]
fn a_store_restored_by_root_belongs_to_the_data_folders_owner() {
    let Some(sandbox) = sandbox() else { return };
    let (source, _) = crate::backups::backed_up();
    let backup = source.file("roster.backup");
    sandbox.run(&["restore", backup.to_str().unwrap()]).must_exit(0);
    assert_eq!(foreign_files(&sandbox.file("data")), Vec::<PathBuf>::new());
    sandbox.run(&["restore", backup.to_str().unwrap(), "--replace"]).must_exit(0);
    assert_eq!(foreign_files(&sandbox.file("data")), Vec::<PathBuf>::new());
    // A restore does not follow a symlink to another folder.
    let elsewhere = sandbox.file("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("kept"), "").unwrap();
    symlink(&elsewhere, sandbox.file("data/restore.new")).unwrap();
    sandbox.run(&["restore", backup.to_str().unwrap(), "--replace"]).must_exit(0);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
    drop(Service::start(&sandbox));
    sandbox.run(&["backup", "again.backup"]).must_exit(0);
    let text = sandbox.run(&["restore", "--check", "again.backup"]).must_exit(0).stdout;
    assert!(text.contains("2 users"), "{text}");
}
