//! `roster keys`

use anyhow::{anyhow, bail};
use jiff::{SignedDuration, Timestamp};
use roster_auth::SystemEntropy;
use roster_auth::token::{KeyRing, KeyState, RingFault, RingKey};
use roster_config::Settings;
use roster_http::KEY_SET_MAX_AGE;
use roster_service::{Clock, SystemClock};
use serde::Serialize;

use crate::cli::{Keys, KeysFormat};
use crate::commands::{in_full, require_store};
use crate::keys::{KeyFolder, accept_for, algorithm};
use crate::{Ending, terminal};

/// Lists the keys, or changes them. It works on their folder, so a server may run.
///
/// # Errors
/// Whatever kept it from being done; then nothing has changed.
pub(crate) fn run(settings: &Settings, asked: &Keys) -> anyhow::Result<Ending> {
    let folder = KeyFolder::in_data(&settings.data.dir);
    let now = SystemClock.now();
    if let Keys::List { format } = *asked {
        let ring = match folder.read()? {
            Some(ring) => ring,
            None => nothing_made(settings, &folder)?,
        };
        warn_if_idle(settings);
        terminal::print(listed(&ring, format)?)?;
        return Ok(Ending::Done);
    }
    if !settings.auth.key_files.is_empty() {
        bail!("the keys come from auth.key_files; change these files, and a running server takes them up");
    }
    folder.adopt_older(now)?;
    let before = match (folder.read()?, asked) {
        (Some(ring), _) => ring.changes().last().map_or(0, |change| change.number),
        (None, Keys::Generate { .. }) => {
            terminal::note(&format!(
                "note: there were no keys in {}; this is the first",
                in_full(folder.path())
            ));
            0
        }
        // Nothing to change, and no folder to be made for it.
        (None, _) => return Err(no_keys(&folder)),
    };
    let ring = change(settings, &folder, now, asked)?;
    // What was done, a line each, but for a new key's name on stdout.
    for done in ring.changes().iter().filter(|change| change.number > before) {
        terminal::note(&format!("{} {}{}", done.kind.as_str(), done.key, until(&ring, done.key.as_str())));
    }
    if matches!(asked, Keys::Activate(_) | Keys::Generate { activate: true, .. }) {
        warn_if_unheard_of(&ring, now);
    }
    warn_if_idle(settings);
    Ok(Ending::Done)
}

fn warn_if_unheard_of(ring: &KeyRing, now: Timestamp) {
    let kept_for = SignedDuration::from_secs(KEY_SET_MAX_AGE.into());
    let active = ring.keys().iter().find(|key| key.state == KeyState::Active);
    let is_new = active.is_some_and(|key| now.duration_since(key.created_at) < kept_for);
    if is_new && ring.keys().len() > 1 {
        let minutes = kept_for.as_mins();
        terminal::note(&format!(
            "note: this key signs at once, and whoever has kept the published keys, for up to {minutes} minutes, refuses \
             its tokens until they look again; better activate a key {minutes} minutes after it was generated",
        ));
    }
}

/// The empty ring of a Roster that signs by something else.
///
/// # Errors
/// If it does not, or there is no Roster.
fn nothing_made(settings: &Settings, folder: &KeyFolder) -> anyhow::Result<KeyRing> {
    require_store(settings)?;
    if settings.auth.jwt_secret.is_none() && settings.auth.key_files.is_empty() {
        return Err(no_keys(folder));
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

fn change(settings: &Settings, folder: &KeyFolder, now: Timestamp, asked: &Keys) -> anyhow::Result<KeyRing> {
    let accept_for = accept_for(&settings.auth);
    match asked {
        Keys::Generate { algorithm: asked, activate } => {
            let algorithm = asked.unwrap_or_else(|| algorithm(settings.auth.algorithm));
            let kid = folder.generate(algorithm, &SystemEntropy, now)?;
            terminal::print(format!("{kid}\n"))?;
            folder.change(now, |ring| match ring.find(&kid)?.state {
                KeyState::Next if *activate => ring.activate(&kid, now, accept_for),
                _ => Ok(ring),
            })
        }
        Keys::Activate(key) => folder.change(now, |ring| ring.activate(&key.kid, now, accept_for)),
        Keys::Retire(key) => folder.change(now, |ring| ring.retire(&key.kid, now, accept_for)),
        Keys::Revoke(key) => folder.change(now, |ring| ring.revoke(&key.kid, now)),
        Keys::List { .. } => folder.change(now, Ok::<_, RingFault>),
    }
}

fn warn_if_idle(settings: &Settings) {
    if settings.auth.jwt_secret.is_some() {
        terminal::note("note: auth.jwt_secret signs the tokens; these keys are only published and accepted");
    } else if !settings.auth.key_files.is_empty() {
        terminal::note("note: auth.key_files is set; these keys are not used");
    }
}

fn listed(ring: &KeyRing, format: KeysFormat) -> anyhow::Result<String> {
    match format {
        KeysFormat::Json => {
            let keys: Vec<_> = ring.keys().iter().map(KeyLine::of).collect();
            Ok(serde_json::to_string_pretty(&keys)? + "\n")
        }
        KeysFormat::Table => {
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
