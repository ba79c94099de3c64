//! `roster keys`

mod request;
mod view;

use std::time::Duration;

use anyhow::{anyhow, bail};
use jiff::{SignedDuration, Timestamp};
use roster_auth::SystemEntropy;
use roster_auth::token::{KeyAlgorithm, KeyRing, KeyState};
use roster_http::KEY_SET_MAX_AGE;
use roster_service::{Call, Clock, SystemClock};

use crate::commands::context::CommandContext;
use crate::commands::store_path::{in_full, require_store};
use crate::control::{Console, Outcome};
use crate::keys::{InsteadOfRing, KeyFolder, KeySource, record_changes};

use request::BeginsAs;
pub(crate) use request::KeysRequest;
pub(super) use request::request;
use view::{listed, until};

/// Lists the keys, or changes them.
///
/// # Errors
/// Whatever kept it from being done; then nothing has changed.
pub(super) async fn execute(
    context: &CommandContext,
    args: &KeysRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    if let KeysRequest::List { format } = *args {
        let ring = list(context).await?;
        warn_if_idle(context, console).await?;
        console.print(listed(&ring, format)?).await?;
        return Ok(Outcome::DONE);
    }
    let changed = change(context, args.clone()).await?;
    tell(args, &changed, console).await?;
    warn_if_idle(context, console).await?;
    Ok(Outcome::DONE)
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
async fn tell(args: &KeysRequest, changed: &Changed, console: &Console) -> anyhow::Result<()> {
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
        args,
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

/// The keys, or an empty ring if something else signs.
///
/// # Errors
/// If there are none and nothing else signs, or they cannot be read.
async fn list(context: &CommandContext) -> anyhow::Result<KeyRing> {
    let read = |source: &KeySource| Ok((source.folder().read()?, source.instead_of_ring()));
    let (ring, instead) = with_source(context, read).await?;
    if let Some(ring) = ring {
        return Ok(ring);
    }
    require_store(&context.settings.users_file)?;
    if instead.is_none() {
        return Err(no_keys(context.settings.keys.source.folder()));
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

/// Works on the keys: in a server by what looks after them, so that a change counts at once and is recorded, or else
/// here.
async fn with_source<T: Send + 'static>(
    context: &CommandContext,
    work: impl FnOnce(&KeySource) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    match &context.key_changes {
        Some(changes) => changes.make(context.call.clone(), work).await,
        None => work(&context.settings.keys.source),
    }
}

/// Makes the change. The audit log names who did it, if there is a store to write it to.
async fn change(context: &CommandContext, args: KeysRequest) -> anyhow::Result<Changed> {
    let settings = &context.settings.keys;
    let (algorithm, accept_for) = (settings.algorithm, settings.accept_for);
    let changed = with_source(context, move |source| {
        if source.has_files() {
            bail!(
                "the keys come from auth.key_files; change these files, and a running server takes them up"
            );
        }
        change_files(source.folder(), &args, algorithm, accept_for)
    });
    let changed = changed.await?;
    if context.key_changes.is_none()
        && let Some(app) = &context.app
    {
        record_changes(settings.source.folder(), &app.roster, |change| {
            if change.number > changed.before { context.call.clone() } else { Call::operator() }
        })
        .await?;
    }
    Ok(changed)
}

fn change_files(
    folder: &KeyFolder,
    args: &KeysRequest,
    algorithm: KeyAlgorithm,
    accept_for: Duration,
) -> anyhow::Result<Changed> {
    let now = SystemClock.now();
    folder.adopt_older(now)?;
    let (before, made) = match (folder.read()?, args) {
        (Some(ring), _) => (ring.changes().last().map_or(0, |change| change.number), None),
        (None, KeysRequest::Generate { .. }) => (0, Some(in_full(folder.path()))),
        // Nothing to change, and no folder to be made for it.
        (None, _) => return Err(no_keys(folder)),
    };
    let mut new = None;
    let ring = match args {
        KeysRequest::Generate { algorithm: args, begins_as } => {
            let kid = folder.generate(args.unwrap_or(algorithm), &SystemEntropy, now)?;
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
    let note = match with_source(context, |source| Ok(source.instead_of_ring())).await? {
        Some(InsteadOfRing::Secret) => {
            "note: auth.jwt_secret signs the tokens; these keys are only published and accepted"
        }
        Some(InsteadOfRing::Files) => "note: auth.key_files is set; these keys are not used",
        None => return Ok(()),
    };
    Ok(console.note(note).await?)
}
