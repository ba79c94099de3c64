//! nginx in front of the server, compressing responses: it turns every strong tag into a weak one.

use roster_tests::{DEADLINE, Person, Server, skip, wait_for};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Where packages install it, which is not always in the path.
const PROGRAMS: [&str; 2] = ["nginx", "/usr/sbin/nginx"];

/// An nginx that runs until dropped. It listens on a socket in its own folder, so it needs no free port.
struct Nginx {
    process: Child,
    folder: TempDir,
}

/// A response from nginx, with its head in lower case.
struct Proxied {
    status: u16,
    head: String,
}

impl Nginx {
    /// Starts one in front of `server`; `None` if nginx is not installed.
    fn in_front_of(server: &Server) -> Option<Self> {
        let version =
            |program: &&&str| Command::new(program).arg("-v").stderr(Stdio::null()).status().is_ok();
        let program = PROGRAMS.iter().find(version)?;
        let folder = tempfile::Builder::new().prefix("roster-nginx-").tempdir().unwrap();
        fs::write(folder.path().join("nginx.conf"), configuration(folder.path(), server)).unwrap();
        let mut command = Command::new(program);
        command.args(["-e", "error.log", "-c", "nginx.conf", "-p"]).arg(folder.path()).stdin(Stdio::null());
        let nginx = Self { process: command.spawn().unwrap(), folder };
        wait_for("nginx to listen", || UnixStream::connect(nginx.socket()).ok());
        Some(nginx)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("nginx.sock")
    }

    /// Sends a request that accepts compressed responses, as a browser does.
    fn send(&self, method: &str, path: &str, by: &Person, more: &str, body: &str) -> Proxied {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let token = &by.token;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: roster.test\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{more}\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).unwrap();
        let text = String::from_utf8_lossy(&response);
        let head = text.split("\r\n\r\n").next().unwrap().to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Proxied { status: status.expect("a response starts with a status"), head }
    }

    /// The `ETag` in a compressed response for `path`.
    fn tag(&self, path: &str, by: &Person) -> String {
        let read = self.send("GET", path, by, "", "");
        assert_eq!(read.status, 200, "{}", read.head);
        assert_eq!(read.header("content-encoding"), Some("gzip"), "{}", read.head);
        read.header("etag").unwrap().to_uppercase()
    }

    fn patch(&self, path: &str, by: &Person, tag: &str, change: &Value) -> u16 {
        self.send("PATCH", path, by, &format!("If-Match: {tag}\r\n"), &change.to_string()).status
    }
}

impl Proxied {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn configuration(folder: &Path, server: &Server) -> String {
    // A single process in the foreground, so that killing it ends everything.
    format!(
        "daemon off; master_process off; pid nginx.pid; error_log error.log;
        events {{ }}
        http {{
            access_log off;
            client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi; scgi_temp_path scgi;
            gzip on; gzip_proxied any; gzip_types application/json; gzip_min_length 1;
            server {{
                listen unix:{}/nginx.sock;
                location / {{ proxy_pass http://{}; }}
            }}
        }}",
        folder.display(),
        server.address(),
    )
}

#[test]
fn an_edit_with_the_etag_from_a_compressing_nginx_succeeds_once() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let Some(nginx) = Nginx::in_front_of(&server) else {
        return skip("nginx is not installed");
    };
    let account = json!({ "name": "backup", "permissions": [] });
    let made = server.post("/service-accounts").by(&admin).json(account).send().must_be(201);
    let account = made.header("location").unwrap();
    for (path, by, change) in [
        ("/users/me", &ada, json!({ "display_name": "Ada" })),
        (account, &admin, json!({ "description": "nightly" })),
    ] {
        let tag = nginx.tag(path, by);
        assert!(tag.starts_with("W/\""), "nginx did not change the tag: {tag}");
        assert_eq!(nginx.patch(path, by, &tag, &change), 200, "{path} {tag}");
        assert_eq!(nginx.patch(path, by, &tag, &change), 412, "{path} {tag} again");
    }
}
