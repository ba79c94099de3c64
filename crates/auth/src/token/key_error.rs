//! Why a key cannot be used.

use super::limits::{MAX_RSA_BITS, MIN_RSA_BITS, MIN_SECRET_BYTES};
use roster_identity::KeyId;
use thiserror::Error;

/// Why a key cannot be used, and what to do about it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// A shared secret that is short enough to guess (RFC 7518, section 3.2).
    #[error(
        "a secret for tokens must have at least {} bytes, but this one has {bytes}; `openssl rand -base64 48` makes one",
        MIN_SECRET_BYTES
    )]
    SecretTooShort {
        /// Its length.
        bytes: usize,
    },
    /// An RSA key that is weak (RFC 7518, section 3.3) or slows down every verification.
    #[error(
        "an RSA key for tokens must have {} to {} bits, but this one has {bits}; \
         `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048` makes one",
        MIN_RSA_BITS,
        MAX_RSA_BITS
    )]
    RsaSize {
        /// The size of its modulus in bits.
        bits: usize,
    },
    /// An RSA key that is damaged, has an unsupported size, or has an exponent that is even, less than 3 or longer
    /// than 32 bits.
    #[error(
        "this RSA key is damaged or unsound, or does not have 2048 to 8192 bits; `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048` makes one"
    )]
    RsaUnsound,
    /// A key on a curve other than Ed25519 and P-256, or a point that is not on its curve.
    #[error(
        "a key for tokens must be on the curve Ed25519 or P-256; `openssl genpkey -algorithm ed25519` and \
         `openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256` make one"
    )]
    Curve,
    /// Neither PEM nor a JWK, damaged, or of a type that cannot sign tokens.
    #[error(
        "this is not a key that signs tokens: neither PEM (PUBLIC KEY, PRIVATE KEY, EC or RSA PRIVATE KEY) nor a JWK \
         (kty OKP, EC, RSA or oct); `openssl genpkey -algorithm ed25519` makes one"
    )]
    NoKey,
    /// A private key where the public half is expected.
    #[error("this is a private key; to verify tokens, use the public one: `openssl pkey -in KEY -pubout`")]
    Private,
    /// A public key where the private one is required.
    #[error("this is a public key; signing requires the private one")]
    Public,
    /// A private key encrypted with a passphrase.
    #[error("this key is encrypted; `openssl pkey -in KEY -out PLAIN` removes the passphrase")]
    Encrypted,
    /// A certificate.
    #[error("this is a certificate; `openssl x509 -in CERTIFICATE -noout -pubkey` extracts its key")]
    Certificate,
    /// `use`, `key_ops` or `alg` of a JWK say that it is for another purpose.
    #[error("this JWK is for another purpose, according to its use, key_ops or alg")]
    OtherUse,
    /// A `kid` that would make every token too long.
    #[error(
        "the kid of a key has at most {} bytes; without one, the key is named by its thumbprint, which has 43",
        KeyId::MAX_BYTES
    )]
    IdTooLong,
    /// The private half does not match the public one.
    #[error("the private and the public half of this key do not match")]
    Halves,
}
