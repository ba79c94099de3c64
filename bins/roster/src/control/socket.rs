//! The Unix socket in the data folder.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rustix::fs::Mode;
use socket2::{Domain, SockAddr, Socket, Type};

/// The maximum length of a socket's path on Linux, in bytes (unix(7)).
const MAX_PATH: usize = 107;

/// The maximum number of connections that wait to be accepted.
const BACKLOG: i32 = 64;

/// A socket file. It is removed when this is dropped.
pub(super) struct NamedSocket {
    path: PathBuf,
    device: u64,
    inode: u64,
}

/// What is known about an existing socket file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExistingSocket {
    /// A killed server left it behind, because this process holds the lock of its folder.
    Stale,
    /// Another server may be listening on it.
    MaybeInUse,
}

impl NamedSocket {
    /// Binds a socket with mode 0600 and listens on it. Removes the socket of a killed server first.
    ///
    /// # Errors
    /// If the path is too long, another process listens there, the path is not a socket, or the folder cannot contain
    /// sockets.
    pub(super) fn bind(path: &Path, existing: ExistingSocket) -> anyhow::Result<(Self, UnixListener)> {
        let length = path.as_os_str().len();
        if length > MAX_PATH {
            bail!("its path has {length} bytes, but the maximum for a socket is {MAX_PATH}");
        }
        remove_stale(path, existing)?;
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // Set the mode before the socket gets a name, so that other users can never connect.
        rustix::fs::fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
        socket.bind(&SockAddr::unix(path)?).context("cannot create a socket in the folder")?;
        let found = fs::symlink_metadata(path)?;
        let named = Self { path: path.to_owned(), device: found.dev(), inode: found.ino() };
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        Ok((named, socket.into()))
    }
}

impl Drop for NamedSocket {
    fn drop(&mut self) {
        let is_own = |found: fs::Metadata| (found.dev(), found.ino()) == (self.device, self.inode);
        if fs::symlink_metadata(&self.path).is_ok_and(is_own) {
            // If this fails, the next server removes the socket.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes a socket that no process listens on.
fn remove_stale(path: &Path, existing: ExistingSocket) -> anyhow::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {}
        Ok(_) => bail!("the path exists and is not a socket; it is left as it is"),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    if existing == ExistingSocket::Stale {
        return Ok(fs::remove_file(path)?);
    }
    let connected = connecting_socket().and_then(|socket| socket.connect(&SockAddr::unix(path)?));
    match connected {
        Ok(()) => bail!("another process listens there"),
        // The backlog of the listener is full.
        Err(error) if error.kind() == ErrorKind::WouldBlock => bail!("another process listens there"),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(fs::remove_file(path)?),
        Err(error) => Err(error).context("another process may listen there"),
    }
}

/// Creates a socket whose `connect` does not block.
fn connecting_socket() -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_socket_is_private_and_is_removed_when_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.sock");
        let (named, _listener) = NamedSocket::bind(&path, ExistingSocket::MaybeInUse).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(
            NamedSocket::bind(&path, ExistingSocket::MaybeInUse)
                .err()
                .unwrap()
                .to_string()
                .contains("another process listens")
        );
        drop(named);
        assert!(!path.exists());
    }

    #[test]
    fn a_stale_socket_is_replaced_and_any_other_file_is_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.sock");
        drop(UnixListener::bind(&path).unwrap());
        let (first, _listener) = NamedSocket::bind(&path, ExistingSocket::MaybeInUse).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "mine").unwrap();
        assert!(
            NamedSocket::bind(&path, ExistingSocket::MaybeInUse)
                .err()
                .unwrap()
                .to_string()
                .contains("left as it is")
        );
        drop(first);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn binding_does_not_wait_for_a_listener_with_a_full_backlog() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.sock");
        let silent = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
        silent.bind(&SockAddr::unix(&path).unwrap()).unwrap();
        silent.listen(0).unwrap();
        let connect = || {
            let socket = connecting_socket().unwrap();
            socket.connect(&SockAddr::unix(&path).unwrap()).map(|()| socket)
        };
        let queued: Vec<_> = (0..64).map_while(|_| connect().ok()).collect();
        assert_eq!(connect().unwrap_err().kind(), ErrorKind::WouldBlock, "{} are queued", queued.len());
        let message = NamedSocket::bind(&path, ExistingSocket::MaybeInUse).err().unwrap().to_string();
        assert!(message.contains("another process listens"), "{message}");
        assert!(path.exists());
    }

    #[test]
    fn the_error_for_a_path_that_is_too_long_contains_its_length() {
        let message = NamedSocket::bind(&PathBuf::from("x".repeat(108)), ExistingSocket::Stale)
            .err()
            .unwrap()
            .to_string();
        assert!(message.contains("108 bytes") && message.contains("107"), "{message}");
    }
}
