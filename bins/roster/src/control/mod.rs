//! Commands beside a running server: a socket in the data folder, through which the command line sends what it is
//! asked to do and gets back what to show.
//!
//! A command has two halves. The terminal's half reads the arguments, opens files, asks questions and shows what comes
//! ([`show`]); the other half works on the open store and knows a [`Console`] only. Without a server both are in one
//! process; with one, frames go between them. Either way it is the same code, so the output is the same.
//!
//! Each side begins with a greeting that names its version of the protocol. Then the command line sends one request and
//! the server sends events until the last one, `Event::End`. Input is pulled: the command line sends a chunk only
//! when it is asked for one. A terminal that goes away cancels its command; what was committed stays.

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
mod spool;

use std::path::{Path, PathBuf};

pub(crate) use client::{Reached, Server, reach};
pub(crate) use console::Console;
pub(crate) use handler::{CommandHandler, Peer};
pub(crate) use input::Input;
pub(crate) use message::{Outcome, Progress};
pub(crate) use server::ControlServer;
pub(crate) use show::{ClosedOutput, Front, Output, run_here};

/// Where the socket is, for the store in `folder`: the setting is a name in there, or a path.
pub(crate) fn control_socket(settings: &roster_config::Server, folder: &Path) -> Option<PathBuf> {
    let setting = settings.control_socket.as_ref()?;
    let is_name = setting.components().count() == 1 && setting.is_relative();
    Some(if is_name { folder.join(setting) } else { setting.clone() })
}
