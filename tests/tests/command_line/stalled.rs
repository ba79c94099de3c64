//! A command that waits to write its second line to stderr, where it can be killed.

use crate::sandbox::Sandbox;
use roster_tests::wait_for;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::ioctl_fionread;
use std::io::{PipeReader, PipeWriter, Read as _, Write as _, pipe};
use std::process::{Child, Stdio};

const PAGE: usize = 4096;

/// A command that has written a line to stderr, and waits to write another, for which its pipe has no room.
pub(crate) struct Stalled {
    child: Child,
    reader: PipeReader,
    /// The bytes before the line.
    filled: usize,
}

impl Stalled {
    /// Runs `roster` until it has written its first line to stderr. `room` has to be enough for that, and not for the next
    /// line, or the command ends.
    pub(crate) fn run(sandbox: &Sandbox, room: usize, arguments: &[&str]) -> Self {
        let (reader, writer, filled) = pipe_with_little_room(room);
        let mut command = sandbox.setup.command(sandbox.path());
        command.args(arguments).stdout(Stdio::null()).stderr(writer);
        let mut child = command.spawn().unwrap();
        // It has the only other end of the pipe.
        drop(command);
        wait_for("the first line, or the end", || {
            let has_written = ioctl_fionread(&reader).unwrap() > filled as u64;
            (has_written || child.try_wait().unwrap().is_some()).then_some(())
        });
        Self { child, reader, filled }
    }

    /// Kills it, and returns the line.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        assert_eq!(self.child.wait().unwrap().code(), None, "it ended by itself");
        let mut written = String::new();
        self.reader.read_to_string(&mut written).unwrap();
        written.split_off(self.filled).lines().next().unwrap().to_owned()
    }
}

/// A pipe that has so many bytes in it, and little room for more.
fn pipe_with_little_room(room: usize) -> (PipeReader, PipeWriter, usize) {
    let (mut reader, mut writer) = pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    let mut filled = 0;
    while let Ok(written) = writer.write(&[b' '; PAGE]) {
        filled += written;
    }
    fcntl_setfl(&writer, flags).unwrap();
    reader.read_exact(&mut [0; PAGE]).unwrap();
    writer.write_all(&[b' '; PAGE][..PAGE - room]).unwrap();
    (reader, writer, filled - room)
}
