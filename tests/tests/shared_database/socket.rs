//! The socket of a server, and commands for another database.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::kit::setup;
use roster_tests::Server;

/// Runs `roster` in the folder of this server on another database.
fn users_of(database: &str, server: &Server) -> String {
    let setup = server.setup().clone().set("storage.url", database);
    let ran = setup.command(server.folder()).args(["user", "list"]).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn a_command_uses_the_database_of_its_settings_beside_a_server_of_another_one() {
    let Some(setup) = setup() else { return };
    let (here, elsewhere) = (setup.clone().start(), setup.start());
    let (_, _) = (here.register("anna"), elsewhere.register("berta"));
    assert!(users_of(&here.database_url(), &here).contains("anna@"));
    let listed = users_of(&elsewhere.database_url(), &here);
    assert!(listed.contains("berta@") && !listed.contains("anna@"), "{listed}");
}

#[test]
fn a_server_leaves_the_socket_of_another_one_in_the_same_folder() {
    let Some(setup) = setup() else { return };
    let first = setup.start();
    let socket = || fs::metadata(first.data().join("roster.sock")).unwrap().ino();
    let before = socket();
    let same = first.setup().clone().set("storage.url", &first.database_url());
    let _second = same.data(&first.data()).start();
    assert_eq!(socket(), before);
}
