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
use crate::commands::store_path::require_store;
use crate::control::{Console, Outcome};
use crate::keys::{KeySource, NewKey, RingOverride, RingStore, record_changes};
use crate::terminal::counted;

use request::BeginsAs;
pub(crate) use request::KeysRequest;
pub(super) use request::request;
use view::{accepted_until, format_keys};

/// Runs `roster keys`.
///
/// # Errors
/// If the request fails. Nothing changes in this case.
pub(super) async fn execute(
    context: &CommandContext,
    request: &KeysRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    if let KeysRequest::List { format } = *request {
        let ring = list(context).await?;
        note_if_unused(context, console).await?;
        console.print(format_keys(&ring, format)?).await?;
        return Ok(Outcome::DONE);
    }
    if *request == KeysRequest::Reseal {
        return reseal(context, console).await;
    }
    let changed = change(context, request.clone()).await?;
    print_changes(request, &changed, console).await?;
    note_if_unused(context, console).await?;
    Ok(Outcome::DONE)
}

/// The result of a change.
struct Changed {
    /// The place, if this is its first key.
    made: Option<String>,
    /// The number of the last change before this one.
    before: u64,
    /// The kid of a new key.
    kid: Option<String>,
    /// The current keys.
    ring: KeyRing,
}

/// Prints each change on stderr, and the kid of a new key on stdout.
async fn print_changes(request: &KeysRequest, changed: &Changed, console: &Console) -> anyhow::Result<()> {
    let Changed { made, before, kid, ring } = changed;
    if let Some(place) = made {
        console.note(format!("note: there were no keys in {place}; this is the first one")).await?;
    }
    if let Some(kid) = kid {
        console.print(format!("{kid}\n")).await?;
    }
    for done in ring.changes().iter().filter(|change| change.number > *before) {
        let line = format!("{} {}{}", done.kind.as_str(), done.key, accepted_until(ring, done.key.as_str()));
        console.note(line).await?;
    }
    let signs_at_once = matches!(
        request,
        KeysRequest::Activate { .. } | KeysRequest::Generate { begins_as: BeginsAs::Active, .. }
    );
    if signs_at_once && let Some(warning) = early_activation_note(ring, SystemClock.now()) {
        console.note(warning).await?;
    }
    Ok(())
}

fn early_activation_note(ring: &KeyRing, now: Timestamp) -> Option<String> {
    let kept_for = SignedDuration::from_secs(KEY_SET_MAX_AGE.into());
    let active = ring.keys().iter().find(|key| key.state == KeyState::Active);
    let is_new = active.is_some_and(|key| now.duration_since(key.created_at) < kept_for);
    let minutes = kept_for.as_mins();
    (is_new && ring.keys().len() > 1).then(|| {
        format!(
            "note: this key signs immediately, but services cache the published keys for up to {minutes} minutes and \
             reject its tokens until then; next time, activate a key {minutes} minutes after you generate it",
        )
    })
}

/// Reads the keys. Returns an empty ring if there are none but another key signs.
///
/// # Errors
/// If there are no keys at all, or they cannot be read.
async fn list(context: &CommandContext) -> anyhow::Result<KeyRing> {
    let read = |source: &KeySource| Ok((source.ring().read()?, source.ring_override()));
    let (ring, ring_override) = with_source(context, read).await?;
    if let Some(ring) = ring {
        return Ok(ring);
    }
    require_store(&*context.settings.engine)?;
    if ring_override.is_none() {
        return Err(no_keys(&**context.settings.keys.source.ring()));
    }
    Ok(KeyRing::default())
}

fn no_keys(keys: &dyn RingStore) -> anyhow::Error {
    let place = keys.place();
    anyhow!(
        "there are no keys in {place}; run this in the server's working directory (its first start generates a key), or \
         run: roster keys generate"
    )
}

/// Runs `work` on the keys. In a server it runs through the key watch, which applies and records changes immediately.
async fn with_source<T: Send + 'static>(
    context: &CommandContext,
    work: impl FnOnce(&KeySource) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    match &context.key_changes {
        Some(changes) => changes.make(context.call.clone(), work).await,
        None => work(&context.settings.keys.source),
    }
}

/// Makes the change, and records it in the audit log if the store is open.
async fn change(context: &CommandContext, request: KeysRequest) -> anyhow::Result<Changed> {
    let settings = &context.settings.keys;
    let (algorithm, accept_for) = (settings.algorithm, settings.accept_for);
    let changed = with_source(context, move |source| {
        if source.has_files() {
            bail!(
                "the keys come from auth.key_files; change these files instead; a running server applies the changes"
            );
        }
        change_ring(&**source.ring(), &request, algorithm, accept_for)
    });
    let changed = changed.await?;
    if context.key_changes.is_none()
        && let Some(app) = &context.app
    {
        record_changes(&**settings.source.ring(), &app.roster, |change| {
            if change.number > changed.before { context.call.clone() } else { Call::operator() }
        })
        .await?;
    }
    Ok(changed)
}

fn change_ring(
    keys: &dyn RingStore,
    request: &KeysRequest,
    algorithm: KeyAlgorithm,
    accept_for: Duration,
) -> anyhow::Result<Changed> {
    let now = SystemClock.now();
    keys.adopt_earlier_keys(now)?;
    let (before, made) = match (keys.read()?, request) {
        (Some(ring), _) => (ring.changes().last().map_or(0, |change| change.number), None),
        (None, KeysRequest::Generate { .. }) => (0, Some(keys.place())),
        // There is nothing to change, so do not create the place.
        (None, _) => return Err(no_keys(keys)),
    };
    let mut new = None;
    let ring = match request {
        KeysRequest::Generate { algorithm: requested, begins_as } => {
            let key = NewKey::generate(requested.unwrap_or(algorithm), &SystemEntropy)?;
            let ring = add(keys, &key, *begins_as, now, accept_for);
            new = Some(key.kid);
            ring
        }
        KeysRequest::Activate { kid } => keys.change(now, None, &|ring| ring.activate(kid, now, accept_for)),
        KeysRequest::Retire { kid } => keys.change(now, None, &|ring| ring.retire(kid, now, accept_for)),
        KeysRequest::Revoke { kid } => keys.change(now, None, &|ring| ring.revoke(kid, now)),
        KeysRequest::List { .. } | KeysRequest::Reseal => bail!("this request does not change the ring"),
    };
    Ok(Changed { made, before, kid: new, ring: ring? })
}

/// Adds a key. The first key is active, further keys are next unless requested otherwise.
fn add(
    keys: &dyn RingStore,
    key: &NewKey,
    begins_as: BeginsAs,
    now: Timestamp,
    accept_for: Duration,
) -> anyhow::Result<KeyRing> {
    let ring = keys.change(now, Some(key), &|ring| {
        let ring = ring.add(key.public.clone(), now)?;
        match ring.find(&key.kid)?.state {
            KeyState::Next if begins_as == BeginsAs::Active => ring.activate(&key.kid, now, accept_for),
            _ => Ok(ring),
        }
    })?;
    tracing::info!(kid = key.kid, algorithm = %key.public.algorithm(), "created a signing key");
    Ok(ring)
}

/// Seals the private keys again.
async fn reseal(context: &CommandContext, console: &Console) -> anyhow::Result<Outcome> {
    let count = with_source(context, |source| source.ring().reseal()).await?;
    let what = counted(count as u64, "signing key");
    let summary = format!("{what} sealed anew with the first sealing key");
    console.note(summary).await?;
    Ok(Outcome::DONE)
}

async fn note_if_unused(context: &CommandContext, console: &Console) -> anyhow::Result<()> {
    let note = match with_source(context, |source| Ok(source.ring_override())).await? {
        Some(RingOverride::Secret) => {
            "note: auth.jwt_secret signs new tokens; these keys are only published and accepted"
        }
        Some(RingOverride::Files) => "note: auth.key_files is set, so these keys are not used",
        None => return Ok(()),
    };
    Ok(console.note(note).await?)
}
