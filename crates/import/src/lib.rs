#![doc = include_str!("../README.md")]

mod attributes;
mod fields;
mod file;
mod limits;
mod locks;
mod names;
mod naming;
mod options;
mod profile;
mod reader;
mod record;
mod report;
mod roles;
mod secrets;
mod sink;
mod survey;

pub use fields::own_export::EXPORT_VERSION;
pub use file::error::{ForeignFormat, ReadError, UnreadableFile};
pub use file::source::ImportSource;
pub use names::record_names::Names;
pub use names::username::{ProposedUsername, UsernameOrigin};
pub use options::{ImportOptions, OldIds, PasswordTexts, RoleMapping, RoleMappingError};
pub use reader::ImportReader;
pub use record::{ParsedRecord, Person};
pub use report::location::RecordLocation;
pub use report::no_password::NoPassword;
pub use report::note::Note;
pub use report::outcome::{RecordOutcome, RecordReport};
pub use report::ranges::RecordRanges;
pub use report::refusal::{Holder, Refusal};
pub use report::summary::ImportSummary;
pub use report::unread_list::UnreadList;
pub use roles::misspelt::misspelt_role;
pub use secrets::credential::{ImportedCredential, UnusableReason};
pub use sink::{GROUP_LEN, Message, ReadRecord, RecordSink, SinkClosed};
pub use survey::{NameHash, NameHasher, NameKind, Survey};
