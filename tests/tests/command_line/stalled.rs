//! A command that is killed while it waits to write its second line to stderr.

use crate::sandbox::Sandbox;
use roster_tests::wait_for;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::ioctl_fionread;
use std::io::{PipeReader, PipeWriter, Read as _, Write as _, pipe};
use std::process::Stdio;

/// The room in the pipe: more than the first line has, and less than two.
const ROOM: usize = 50;
const PAGE: usize = 4096;

/// Runs `roster` until it has written a line to stderr, and kills it. It cannot get further than its second line, because the
/// pipe has no room for that. Returns the line.
pub(crate) fn killed_after_its_first_line(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let (mut reader, writer, filled) = pipe_with_little_room();
    let mut command = sandbox.setup.command(sandbox.path());
    command.args(arguments).stdout(Stdio::null()).stderr(writer);
    let mut child = command.spawn().unwrap();
    // It has the only other end of the pipe.
    drop(command);
    let line = wait_for("the first line, or the end", || {
        let written = usize::try_from(ioctl_fionread(&reader).unwrap()).unwrap() - filled;
        (written > 0 || child.try_wait().unwrap().is_some()).then_some(written)
    });
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it ended by itself");
    let mut written = vec![0; filled + line];
    reader.read_exact(&mut written).unwrap();
    String::from_utf8(written.split_off(filled)).unwrap().lines().next().unwrap().to_owned()
}

/// A pipe that has so many bytes in it, and room for few more.
fn pipe_with_little_room() -> (PipeReader, PipeWriter, usize) {
    let (mut reader, mut writer) = pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    let mut filled = 0;
    while let Ok(written) = writer.write(&[b' '; PAGE]) {
        filled += written;
    }
    fcntl_setfl(&writer, flags).unwrap();
    reader.read_exact(&mut [0; PAGE]).unwrap();
    writer.write_all(&[b' '; PAGE - ROOM]).unwrap();
    (reader, writer, filled - ROOM)
}
