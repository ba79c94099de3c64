//! The socket in the data folder.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rustix::fs::Mode;
use socket2::{Domain, SockAddr, Socket, Type};

/// The most bytes in the path of a socket on Linux (unix(7)).
const MAX_PATH: usize = 107;

/// How many connections wait to be accepted.
const BACKLOG: i32 = 64;

/// A socket with a name. The name is removed when this is dropped.
pub(super) struct NamedSocket {
    path: PathBuf,
    device: u64,
    inode: u64,
}

/// What is known of a socket that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExistingSocket {
    /// It was left by a killed server: this one holds the lock of its folder.
    IsStale,
    /// Another server may listen on it.
    MayBeInUse,
}

impl NamedSocket {
    /// Binds a socket of mode 0600 and listens on it. One that a killed server has left there is removed.
    ///
    /// # Errors
    /// If the path is too long, somebody else listens there, something else is there, or the folder takes no socket.
    pub(super) fn bind(path: &Path, present: ExistingSocket) -> anyhow::Result<(Self, UnixListener)> {
        let length = path.as_os_str().len();
        if length > MAX_PATH {
            bail!("its path has {length} bytes, and that of a socket may have {MAX_PATH}");
        }
        remove_stale(path, present)?;
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // Before it has a name, so that there is no moment in which others could connect.
        rustix::fs::fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
        socket.bind(&SockAddr::unix(path)?).context("the folder takes no socket")?;
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
            // The next server removes what this one cannot.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes a socket on which nobody listens any more.
fn remove_stale(path: &Path, present: ExistingSocket) -> anyhow::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {}
        Ok(_) => bail!("something else is there, which is left as it is"),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    if present == ExistingSocket::IsStale {
        return Ok(fs::remove_file(path)?);
    }
    let connected = connecting_socket().and_then(|socket| socket.connect(&SockAddr::unix(path)?));
    match connected {
        Ok(()) => bail!("another process listens there"),
        // The queue of whoever listens is full.
        Err(error) if error.kind() == ErrorKind::WouldBlock => bail!("another process listens there"),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(fs::remove_file(path)?),
        Err(error) => Err(error).context("another process may listen there"),
    }
}

/// A socket whose connect never waits.
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
    fn a_socket_is_private_and_gone_when_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.sock");
        let (named, _listener) = NamedSocket::bind(&path, ExistingSocket::MayBeInUse).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(
            NamedSocket::bind(&path, ExistingSocket::MayBeInUse)
                .err()
                .unwrap()
                .to_string()
                .contains("another process listens")
        );
        drop(named);
        assert!(!path.exists());
    }

    #[test]
    fn a_stale_socket_is_replaced_and_anything_else_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.sock");
        drop(UnixListener::bind(&path).unwrap());
        let (first, _listener) = NamedSocket::bind(&path, ExistingSocket::MayBeInUse).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "mine").unwrap();
        assert!(
            NamedSocket::bind(&path, ExistingSocket::MayBeInUse)
                .err()
                .unwrap()
                .to_string()
                .contains("left as it is")
        );
        drop(first);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn a_listener_that_accepts_nobody_and_whose_queue_is_full_is_not_waited_for() {
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
        let message = NamedSocket::bind(&path, ExistingSocket::MayBeInUse).err().unwrap().to_string();
        assert!(message.contains("another process listens"), "{message}");
        assert!(path.exists());
    }

    #[test]
    fn a_path_that_is_too_long_is_said_with_its_length() {
        let message = NamedSocket::bind(&PathBuf::from("x".repeat(108)), ExistingSocket::IsStale)
            .err()
            .unwrap()
            .to_string();
        assert!(message.contains("108 bytes") && message.contains("107"), "{message}");
    }
}
