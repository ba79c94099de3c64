//! Why a key cannot be used.

use super::limits::{MAX_RSA_BITS, MIN_RSA_BITS, MIN_SECRET_BYTES};
use roster_identity::KeyId;
use thiserror::Error;

/// Why a key cannot be used, and what to do about it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// A shared secret that could be guessed (RFC 7518, section 3.2).
    #[error(
        "a secret for tokens has at least {} bytes, this one has {bytes}; `openssl rand -base64 48` makes one",
        MIN_SECRET_BYTES
    )]
    SecretTooShort {
        /// How many it has.
        bytes: usize,
    },
    /// An RSA key that could be broken (RFC 7518, section 3.3), or one that makes every check a burden.
    #[error(
        "an RSA key for tokens has {} to {} bits, this one has {bits}; \
         `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048` makes one",
        MIN_RSA_BITS,
        MAX_RSA_BITS
    )]
    RsaSize {
        /// How many bits its modulus has.
        bits: usize,
    },
    /// An RSA key that is damaged, of a size that cannot be used, or with an exponent that is even, under 3 or over
    /// 32 bits.
    #[error(
        "this RSA key is damaged or unsound, or has not 2048 to 8192 bits; `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048` makes one"
    )]
    RsaUnsound,
    /// A key on a curve that is neither Ed25519 nor P-256, or no point on its curve.
    #[error(
        "a key for tokens is on the curve Ed25519 or P-256; `openssl genpkey -algorithm ed25519` and \
         `openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256` make one"
    )]
    Curve,
    /// Neither PEM nor a JWK, or damaged, or of a kind that signs no tokens.
    #[error(
        "this is no key that signs tokens: neither PEM (PUBLIC KEY, PRIVATE KEY, EC or RSA PRIVATE KEY) nor a JWK \
         (kty OKP, EC, RSA or oct); `openssl genpkey -algorithm ed25519` makes one"
    )]
    NoKey,
    /// A private key where its public half is meant.
    #[error("this is a private key; who only verifies needs the public one: `openssl pkey -in KEY -pubout`")]
    Private,
    /// A public key where the private one is needed.
    #[error("this is a public key; signing takes the private one")]
    Public,
    /// A private key under a passphrase.
    #[error("this key is encrypted; `openssl pkey -in KEY -out PLAIN` takes the passphrase away")]
    Encrypted,
    /// A certificate.
    #[error("this is a certificate; `openssl x509 -in CERTIFICATE -noout -pubkey` takes its key out")]
    Certificate,
    /// `use`, `key_ops` or `alg` of a JWK say that it is for something else.
    #[error("this JWK is for something else, by its use, key_ops or alg")]
    OtherUse,
    /// A `kid` that would make every token long.
    #[error(
        "the kid of a key has {} bytes at most; its thumbprint, which it has without one, has 43",
        KeyId::MAX_BYTES
    )]
    IdTooLong,
    /// The private half does not belong to the public one.
    #[error("the private and the public half of this key do not belong together")]
    Halves,
}
