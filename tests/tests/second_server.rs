//! Two servers on one store that only one may have open.

use roster_tests::{Engine, Setup, output_of};

#[test]
fn a_second_server_on_the_same_files_is_refused_and_the_first_goes_on() {
    for engine in [Engine::Json, Engine::Sqlite] {
        let server = Setup::new().engine(engine).start();
        let ada = server.register("ada");
        let output = output_of(server.setup().command(server.folder()).arg("serve"));
        let reason = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{engine:?}");
        assert!(reason.contains("held by process"), "{engine:?}: {reason}");
        server.get("/users/me").by(&ada).send().must_be(200);
        let _ = server.register("bob");
    }
}
