//! Which keys are too weak or too large.

/// The minimum length of a shared secret in bytes: that of SHA-256 (RFC 7518, section 3.2).
pub(super) const MIN_SECRET_BYTES: usize = 32;
/// The minimum size of an RSA key in bits (RFC 7518, section 3.3).
pub(super) const MIN_RSA_BITS: usize = 2048;
/// The maximum size of an RSA key in bits: larger keys make every verification slow.
pub(super) const MAX_RSA_BITS: usize = 8192;
