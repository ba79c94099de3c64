//! The requests of `roster keys`.

use roster_auth::token::KeyAlgorithm;
use serde::{Deserialize, Serialize};

use crate::app::Purpose;
use crate::cli::{Keys, KeysFormat};
use crate::commands::store_access::StoreAccess;
use crate::commands::wire::as_text;

/// A request of `roster keys`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeysRequest {
    List {
        format: ListFormat,
    },
    Generate {
        /// `auth.algorithm`, if `None`.
        #[serde(with = "as_text")]
        algorithm: Option<KeyAlgorithm>,
        begins_as: BeginsAs,
    },
    Activate {
        kid: String,
    },
    Retire {
        kid: String,
    },
    Revoke {
        kid: String,
    },
    Reseal,
}

/// The first state of a new key.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BeginsAs {
    /// The key is published but does not sign yet.
    Next,
    /// The key signs immediately.
    Active,
}

/// The output format of the list.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListFormat {
    Table,
    Json,
}

/// Creates the request from the arguments.
pub(in crate::commands) fn request(args: Keys) -> KeysRequest {
    match args {
        Keys::List { format: KeysFormat::Json, .. } | Keys::List { json: true, .. } => {
            KeysRequest::List { format: ListFormat::Json }
        }
        Keys::List { format: KeysFormat::Table, json: false } => {
            KeysRequest::List { format: ListFormat::Table }
        }
        Keys::Generate { algorithm, activate } => {
            let begins_as = if activate { BeginsAs::Active } else { BeginsAs::Next };
            KeysRequest::Generate { algorithm, begins_as }
        }
        Keys::Activate(key) => KeysRequest::Activate { kid: key.kid },
        Keys::Retire(key) => KeysRequest::Retire { kid: key.kid },
        Keys::Revoke(key) => KeysRequest::Revoke { kid: key.kid },
        Keys::Reseal => KeysRequest::Reseal,
    }
}

impl KeysRequest {
    pub(in crate::commands) const fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "keys list",
            Self::Generate { .. } => "keys generate",
            Self::Activate { .. } => "keys activate",
            Self::Retire { .. } => "keys retire",
            Self::Revoke { .. } => "keys revoke",
            Self::Reseal => "keys reseal",
        }
    }

    /// The keys are in files or tables of their own. A change opens the store only for its audit record, and succeeds even
    /// if the store cannot be opened, so that a leaked key can always be revoked.
    pub(in crate::commands) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::List { .. } | Self::Reseal => StoreAccess::FilesOnly,
            Self::Generate { .. } | Self::Activate { .. } | Self::Retire { .. } | Self::Revoke { .. } => {
                StoreAccess::Prefers(Purpose::Writing)
            }
        }
    }
}
