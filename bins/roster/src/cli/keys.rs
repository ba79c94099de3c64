//! What can be typed after `roster keys`.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use roster_auth::token::KeyAlgorithm;

pub(super) const KEYS_HELP: &str = "\
A key is next (published, so that everybody knows it before it signs), active (signs), retired (accepted until its \
last token has expired) or revoked (refused at once, for good). A running server takes a change up at once, \
without a restart. KID is the name that `list` shows, or enough of its beginning.

A rotation:
  roster keys generate                    make the next key
  # wait 5 minutes, for as long as others may keep /.well-known/jwks.json
  roster keys activate KID                the next key signs, the one before is retired
A key that others may know:
  roster keys generate                    unless one is next already
  roster keys revoke KID                  nothing that it signed is accepted; the oldest next key signs

The keys are in `keys` in data.dir. They do not sign where auth.jwt_secret or auth.key_files is set.";

/// What people call `EdDSA`, by its curve.
const CURVE: &str = "Ed25519";

const GENERATE_HELP: &str = "\
The algorithms are EdDSA (Ed25519: small and fast), ES256, and RS256 (for verifiers that know nothing else; signing is \
slow). HS256 signs with the shared secret of JWT_SECRET instead of a key from here.

Examples:
  roster keys generate
  roster keys generate --algorithm ES256
  roster keys generate --activate     for emergencies: others may refuse its tokens until they know it";

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Lists the keys, the oldest first
    #[command(
        after_help = "Example:\n  roster keys list --format json | jq -r '.[] | select(.state == \"next\").kid'"
    )]
    List {
        /// How the keys are shown
        #[arg(long, value_enum, default_value_t = KeysFormat::Table, value_name = "FORMAT")]
        format: KeysFormat,
    },
    /// Makes a key, and prints its kid
    ///
    /// It is next: published, but it does not sign. The very first one is active.
    #[command(after_help = GENERATE_HELP)]
    Generate {
        /// What it signs by, such as ES256; auth.algorithm if none is given
        #[arg(long, value_name = "ALGORITHM", value_parser = made_here(), ignore_case = true)]
        algorithm: Option<KeyAlgorithm>,
        /// Signs with it at once; the key that did is retired
        #[arg(long)]
        activate: bool,
    },
    /// Signs with a next key; the key that did is retired
    ///
    /// A retired key can come back too, until its time is over.
    Activate(NamedSigningKey),
    /// Stops signing with a key; its tokens are accepted until they expire
    ///
    /// If it is the active one, the oldest next key signs.
    Retire(NamedSigningKey),
    /// Refuses every token of a key, at once and for good
    ///
    /// Whoever has such a token must refresh it or log in again. If it is the active key, the oldest next key signs.
    Revoke(NamedSigningKey),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KeysFormat {
    /// For people
    Table,
    /// One JSON array
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct NamedSigningKey {
    /// Its kid, or enough of its beginning
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    pub(crate) kid: String,
}

/// The algorithms of keys that are made here. In any case of their letters, and Ed25519 by its own name
/// too. HS256 has none, and whoever asks for it is told where a secret comes from.
fn made_here() -> impl TypedValueParser<Value = KeyAlgorithm> {
    let named = |algorithm: KeyAlgorithm| {
        let name = PossibleValue::new(algorithm.as_str()).hide(algorithm == KeyAlgorithm::Hs256);
        if algorithm == KeyAlgorithm::EdDsa { name.alias(CURVE) } else { name }
    };
    PossibleValuesParser::new(KeyAlgorithm::ALL.map(named)).try_map(|typed| {
        let is_typed = |name: &str| name.eq_ignore_ascii_case(&typed);
        let is_meant = |algorithm: &KeyAlgorithm| {
            is_typed(algorithm.as_str()) || (*algorithm == KeyAlgorithm::EdDsa && is_typed(CURVE))
        };
        let found = KeyAlgorithm::ALL.into_iter().find(is_meant);
        found.filter(|algorithm| *algorithm != KeyAlgorithm::Hs256).ok_or(
            "no key for HS256 is made here: it signs with the shared secret of JWT_SECRET (auth.jwt_secret); make one \
             with: openssl rand -base64 48",
        )
    })
}
