//! What is asked about the keys of access tokens.

use roster_auth::token::KeyAlgorithm;
use serde::{Deserialize, Serialize};

use crate::app::Purpose;
use crate::cli::{Keys, KeysFormat};
use crate::commands::store_access::StoreAccess;
use crate::commands::wire::as_text;

/// What is asked about the keys of access tokens.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeysRequest {
    List {
        format: ListFormat,
    },
    Generate {
        /// The one of the settings, if none is given.
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
}

/// What a new key is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BeginsAs {
    /// Published, without signing.
    Next,
    /// The key that signs.
    Active,
}

/// How keys are listed.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListFormat {
    Table,
    Json,
}

/// What the arguments ask for.
pub(in crate::commands) fn request(args: Keys) -> KeysRequest {
    match args {
        Keys::List { format: KeysFormat::Table } => KeysRequest::List { format: ListFormat::Table },
        Keys::List { format: KeysFormat::Json } => KeysRequest::List { format: ListFormat::Json },
        Keys::Generate { algorithm, activate } => {
            let begins_as = if activate { BeginsAs::Active } else { BeginsAs::Next };
            KeysRequest::Generate { algorithm, begins_as }
        }
        Keys::Activate(key) => KeysRequest::Activate { kid: key.kid },
        Keys::Retire(key) => KeysRequest::Retire { kid: key.kid },
        Keys::Revoke(key) => KeysRequest::Revoke { kid: key.kid },
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
        }
    }

    /// The keys are files of their own. A change opens the store for its audit record, and is made though the store
    /// cannot be opened: a key that others know has to be revoked.
    pub(in crate::commands) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::List { .. } => StoreAccess::Files,
            Self::Generate { .. } | Self::Activate { .. } | Self::Retire { .. } | Self::Revoke { .. } => {
                StoreAccess::Prefers(Purpose::Changing)
            }
        }
    }
}
