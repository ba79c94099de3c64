//! The arguments of `roster keys`.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use roster_auth::token::KeyAlgorithm;

pub(super) const KEYS_HELP: &str = "\
A key has one of four states: next (published in advance, does not sign yet), active (signs new tokens), retired (its \
tokens are accepted until they expire) or revoked (its tokens are rejected, permanently). A running server applies a change \
immediately, without a restart; other servers on the same database do within about a second. KID is the name that `list` shows, or a unique prefix of it.

To rotate the signing key:
  roster keys generate                    create the next key
  # wait 5 minutes, until the caches of /.well-known/jwks.json have expired
  roster keys activate KID                sign with the next key and retire the current one
To replace a leaked key:
  roster keys generate                    unless there is a next key already
  roster keys revoke KID                  reject its tokens and sign with the oldest next key

The keys are stored in the database, sealed with storage.sealing_key, or with `json:` in the `keys` folder in data.dir. If auth.jwt_secret or auth.key_files is set, they do not sign.";

/// Another name for `EdDSA`: its curve.
const CURVE: &str = "Ed25519";

const GENERATE_HELP: &str = "\
The algorithms are EdDSA (Ed25519: small and fast), ES256, and RS256 (slow to sign; for verifiers that support nothing \
else). HS256 uses the shared secret in JWT_SECRET instead of a generated key.

Examples:
  roster keys generate
  roster keys generate --algorithm ES256
  roster keys generate --activate     for emergencies: other services reject its tokens until they fetch the new key";

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// List the keys, oldest first
    #[command(
        after_help = "Example:\n  roster keys list --format json | jq -r '.[] | select(.state == \"next\").kid'"
    )]
    List {
        /// The output format
        #[arg(long, value_enum, default_value_t = KeysFormat::Table, value_name = "FORMAT")]
        format: KeysFormat,
        /// Short for --format json
        #[arg(long, conflicts_with = "format")]
        json: bool,
    },
    /// Create a key and print its kid
    ///
    /// The new key is the next key: it is published but does not sign yet. The very first key is active.
    #[command(after_help = GENERATE_HELP)]
    Generate {
        /// The signing algorithm, for example ES256 [default: auth.algorithm]
        #[arg(long, value_name = "ALGORITHM", value_parser = generated_algorithm(), ignore_case = true)]
        algorithm: Option<KeyAlgorithm>,
        /// Sign with the new key immediately and retire the active key
        #[arg(long)]
        activate: bool,
    },
    /// Start signing with a next key and retire the active key
    ///
    /// You can also reactivate a retired key while its tokens are still accepted.
    Activate(NamedSigningKey),
    /// Stop signing with a key; its tokens are accepted until they expire
    ///
    /// If it is the active key, the oldest next key becomes active.
    Retire(NamedSigningKey),
    /// Reject all tokens of a key, immediately and permanently
    ///
    /// Clients with such a token must refresh it or log in again. If it is the active key, the oldest next key becomes
    /// active.
    Revoke(NamedSigningKey),
    /// Seal the keys in the database with the first key of `storage.sealing_key`
    ///
    /// For keys in a PostgreSQL or SQLite database. To replace the sealing key, put the new one before the old one, restart
    /// all servers, run this, then remove the old one. This changes no state and ends no token.
    #[command(after_help = "Example:\n  roster keys reseal")]
    Reseal,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KeysFormat {
    /// A readable table
    Table,
    /// One JSON array
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct NamedSigningKey {
    /// The kid of the key, or a unique prefix of it
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    pub(crate) kid: String,
}

fn possible_value(algorithm: KeyAlgorithm) -> PossibleValue {
    let name = PossibleValue::new(algorithm.as_str()).hide(algorithm == KeyAlgorithm::Hs256);
    if algorithm == KeyAlgorithm::EdDsa { name.alias(CURVE) } else { name }
}

/// Parses the algorithm of a key to generate, case-insensitively and with Ed25519 as an alias of `EdDSA`. HS256 has no
/// generated keys, so the error explains how to create a shared secret.
fn generated_algorithm() -> impl TypedValueParser<Value = KeyAlgorithm> {
    PossibleValuesParser::new(KeyAlgorithm::ALL.map(possible_value)).try_map(|typed| {
        let is_typed = |name: &str| name.eq_ignore_ascii_case(&typed);
        let is_meant = |algorithm: &KeyAlgorithm| {
            is_typed(algorithm.as_str()) || (*algorithm == KeyAlgorithm::EdDsa && is_typed(CURVE))
        };
        let found = KeyAlgorithm::ALL.into_iter().find(is_meant);
        found.filter(|algorithm| *algorithm != KeyAlgorithm::Hs256).ok_or(
            "HS256 has no generated keys: it signs with the shared secret in JWT_SECRET (auth.jwt_secret); generate one \
             with: openssl rand -base64 48",
        )
    })
}
