//! Runs commands on the store of a running server, through a socket in the data folder.
//!
//! A command has two halves. The client half parses the arguments, opens files, asks for confirmation and displays the
//! output ([`show`]). The other half works on the open store and communicates only through a [`Console`]. Without a
//! server, both halves run in one process; with a server, they exchange frames over the socket. The code is the same in
//! both cases, and so is the output.
//!
//! Each side first sends a [`hello`] with its protocol version. Then the client sends one request, and the server sends
//! events until `Event::End`. The server pulls the input: the client sends a chunk only when the server asks for one. If
//! the client disconnects, the command is cancelled; committed changes stay.

mod client;
mod connection;
mod console;
mod frame;
mod handler;
mod hello;
mod input;
mod message;
mod server;
mod show;
mod socket;

use std::path::{Path, PathBuf};

pub(crate) use client::{ConnectOutcome, Server, connect};
pub(crate) use console::Console;
pub(crate) use handler::{CommandHandler, Peer};
pub(crate) use input::Input;
pub(crate) use message::{Outcome, Progress};
pub(crate) use server::ControlServer;
pub(crate) use show::{ClosedOutput, CommandIo, Output, run_locally};

/// The path of the socket for the store in `folder`. The setting is a file name in that folder, or a path.
pub(crate) fn control_socket(settings: &roster_config::Server, folder: &Path) -> Option<PathBuf> {
    let setting = settings.control_socket.as_ref()?;
    let is_name = setting.components().count() == 1 && setting.is_relative();
    Some(if is_name { folder.join(setting) } else { setting.clone() })
}
