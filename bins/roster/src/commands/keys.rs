//! `roster keys`

use std::time::Duration;

use anyhow::{anyhow, bail};
use jiff::{SignedDuration, Timestamp};
use roster_auth::SystemEntropy;
use roster_auth::token::{KeyAlgorithm, KeyRing, KeyState, RingKey};
use roster_http::KEY_SET_MAX_AGE;
use roster_service::{Call, Clock, SystemClock};
use serde::{Deserialize, Serialize};

use crate::app::Purpose;
use crate::cli::{Keys, KeysFormat};
use crate::commands::context::CommandContext;
use crate::commands::request::{DONE, Request, StoreAccess, as_text};
use crate::commands::{in_full, require_store};
use crate::control::{Console, Outcome};
use crate::keys::{KeyFolder, record_changes};
use crate::terminal;

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
pub(super) fn request(asked: Keys) -> Request {
    Request::Keys(match asked {
        Keys::List { format: KeysFormat::Table } => KeysRequest::List { format: ListFormat::Table },
        Keys::List { format: KeysFormat::Json } => KeysRequest::List { format: ListFormat::Json },
        Keys::Generate { algorithm, activate } => {
            let begins_as = if activate { BeginsAs::Active } else { BeginsAs::Next };
            KeysRequest::Generate { algorithm, begins_as }
        }
        Keys::Activate(key) => KeysRequest::Activate { kid: key.kid },
        Keys::Retire(key) => KeysRequest::Retire { kid: key.kid },
        Keys::Revoke(key) => KeysRequest::Revoke { kid: key.kid },
    })
}

impl KeysRequest {
    pub(super) const fn name(&self) -> &'static str {
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
    pub(super) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::List { .. } => StoreAccess::Files,
            Self::Generate { .. } | Self::Activate { .. } | Self::Retire { .. } | Self::Revoke { .. } => {
                StoreAccess::Prefers(Purpose::Changing)
            }
        }
    }
}

/// Lists the keys, or changes them.
///
/// # Errors
/// Whatever kept it from being done; then nothing has changed.
pub(super) async fn execute(
    context: &CommandContext,
    asked: &KeysRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    let settings = &context.settings.keys;
    if let KeysRequest::List { format } = *asked {
        let ring = match settings.folder().read()? {
            Some(ring) => ring,
            None => nothing_made(context)?,
        };
        warn_if_idle(context, console).await?;
        console.print(listed(&ring, format)?).await?;
        return Ok(DONE);
    }
    if settings.has_files {
        bail!("the keys come from auth.key_files; change these files, and a running server takes them up");
    }
    let changed = change(context, asked.clone()).await?;
    tell(asked, &changed, console).await?;
    warn_if_idle(context, console).await?;
    Ok(DONE)
}

/// What a change has made of the keys.
struct Changed {
    /// The folder, if it was made for the first key.
    made: Option<String>,
    /// The number of the last change before.
    before: u64,
    /// The key that was made.
    kid: Option<String>,
    /// The keys as they are now.
    ring: KeyRing,
}

/// Says what was done, a line each, with a new key's name on stdout.
async fn tell(asked: &KeysRequest, changed: &Changed, console: &Console) -> anyhow::Result<()> {
    let Changed { made, before, kid, ring } = changed;
    if let Some(folder) = made {
        console.note(format!("note: there were no keys in {folder}; this is the first")).await?;
    }
    if let Some(kid) = kid {
        console.print(format!("{kid}\n")).await?;
    }
    for done in ring.changes().iter().filter(|change| change.number > *before) {
        let line = format!("{} {}{}", done.kind.as_str(), done.key, until(ring, done.key.as_str()));
        console.note(line).await?;
    }
    let signs_at_once = matches!(
        asked,
        KeysRequest::Activate { .. } | KeysRequest::Generate { begins_as: BeginsAs::Active, .. }
    );
    if signs_at_once && let Some(warning) = unheard_of(ring, SystemClock.now()) {
        console.note(warning).await?;
    }
    Ok(())
}

fn unheard_of(ring: &KeyRing, now: Timestamp) -> Option<String> {
    let kept_for = SignedDuration::from_secs(KEY_SET_MAX_AGE.into());
    let active = ring.keys().iter().find(|key| key.state == KeyState::Active);
    let is_new = active.is_some_and(|key| now.duration_since(key.created_at) < kept_for);
    let minutes = kept_for.as_mins();
    (is_new && ring.keys().len() > 1).then(|| {
        format!(
            "note: this key signs at once, and whoever has kept the published keys, for up to {minutes} minutes, refuses \
             its tokens until they look again; better activate a key {minutes} minutes after it was generated",
        )
    })
}

/// The empty ring of a Roster that signs by something else.
///
/// # Errors
/// If it does not, or there is no Roster.
fn nothing_made(context: &CommandContext) -> anyhow::Result<KeyRing> {
    require_store(&context.settings.users_file)?;
    let settings = &context.settings.keys;
    if !settings.has_secret && !settings.has_files {
        return Err(no_keys(&settings.folder()));
    }
    Ok(KeyRing::default())
}

fn no_keys(folder: &KeyFolder) -> anyhow::Error {
    let folder = in_full(folder.path());
    anyhow!(
        "there are no keys in {folder}; run this where the server runs, which makes one at its first start, or: \
         roster keys generate"
    )
}

/// Makes the change: in a server by what looks after its keys, so that they count at once, or else here. Either way
/// the audit log names who did it, if there is a store to write it to.
async fn change(context: &CommandContext, asked: KeysRequest) -> anyhow::Result<Changed> {
    let settings = context.settings.keys.clone();
    let make =
        move |folder: &KeyFolder| change_files(folder, &asked, settings.algorithm, settings.accept_for);
    if let Some(changes) = &context.key_changes {
        return changes.make(context.call.clone(), make).await;
    }
    let folder = context.settings.keys.folder();
    let changed = make(&folder)?;
    if let Some(app) = &context.app {
        record_changes(&folder, &app.roster, |change| {
            if change.number > changed.before { context.call.clone() } else { Call::operator() }
        })
        .await?;
    }
    Ok(changed)
}

fn change_files(
    folder: &KeyFolder,
    asked: &KeysRequest,
    algorithm: KeyAlgorithm,
    accept_for: Duration,
) -> anyhow::Result<Changed> {
    let now = SystemClock.now();
    folder.adopt_older(now)?;
    let (before, made) = match (folder.read()?, asked) {
        (Some(ring), _) => (ring.changes().last().map_or(0, |change| change.number), None),
        (None, KeysRequest::Generate { .. }) => (0, Some(in_full(folder.path()))),
        // Nothing to change, and no folder to be made for it.
        (None, _) => return Err(no_keys(folder)),
    };
    let mut new = None;
    let ring = match asked {
        KeysRequest::Generate { algorithm: asked, begins_as } => {
            let kid = folder.generate(asked.unwrap_or(algorithm), &SystemEntropy, now)?;
            let ring = folder.change(now, |ring| match ring.find(&kid)?.state {
                KeyState::Next if *begins_as == BeginsAs::Active => ring.activate(&kid, now, accept_for),
                _ => Ok(ring),
            });
            new = Some(kid);
            ring
        }
        KeysRequest::Activate { kid } => folder.change(now, |ring| ring.activate(kid, now, accept_for)),
        KeysRequest::Retire { kid } => folder.change(now, |ring| ring.retire(kid, now, accept_for)),
        KeysRequest::Revoke { kid } => folder.change(now, |ring| ring.revoke(kid, now)),
        KeysRequest::List { .. } => bail!("a list changes nothing"),
    };
    Ok(Changed { made, before, kid: new, ring: ring? })
}

async fn warn_if_idle(context: &CommandContext, console: &Console) -> anyhow::Result<()> {
    let settings = &context.settings.keys;
    if settings.has_secret {
        console
            .note("note: auth.jwt_secret signs the tokens; these keys are only published and accepted")
            .await?;
    } else if settings.has_files {
        console.note("note: auth.key_files is set; these keys are not used").await?;
    }
    Ok(())
}

fn listed(ring: &KeyRing, format: ListFormat) -> anyhow::Result<String> {
    match format {
        ListFormat::Json => {
            let keys: Vec<_> = ring.keys().iter().map(KeyLine::of).collect();
            Ok(serde_json::to_string_pretty(&keys)? + "\n")
        }
        ListFormat::Table => {
            let rows: Vec<_> = ring.keys().iter().map(row).collect();
            Ok(terminal::table(["KID", "ALGORITHM", "STATE", "SINCE", "ACCEPTED UNTIL"], &rows))
        }
    }
}

/// A key as JSON.
#[derive(Serialize)]
struct KeyLine<'a> {
    kid: &'a str,
    algorithm: &'static str,
    state: &'static str,
    created_at: Timestamp,
    since: Timestamp,
    accept_until: Option<Timestamp>,
}

impl<'a> KeyLine<'a> {
    fn of(key: &'a RingKey) -> Self {
        Self {
            kid: key.id(),
            algorithm: key.key.algorithm().as_str(),
            state: key.state.as_str(),
            created_at: key.created_at,
            since: key.since,
            accept_until: accept_until(key),
        }
    }
}

fn row(key: &RingKey) -> [String; 5] {
    [
        key.id().to_owned(),
        key.key.algorithm().to_string(),
        key.state.to_string(),
        terminal::to_the_second(key.since),
        accept_until(key).map(terminal::to_the_second).unwrap_or_default(),
    ]
}

fn until(ring: &KeyRing, kid: &str) -> String {
    let key = ring.keys().iter().find(|key| key.id() == kid);
    key.and_then(accept_until)
        .map(|end| format!(", accepted until {}", terminal::to_the_second(end)))
        .unwrap_or_default()
}

const fn accept_until(key: &RingKey) -> Option<Timestamp> {
    match key.state {
        KeyState::Retired { accept_until } => Some(accept_until),
        KeyState::Next | KeyState::Active | KeyState::Revoked => None,
    }
}
