//! Passwords: the rules for new ones, hashing, and verifying the hashes of other systems.

mod argon2;
mod bcrypt;
mod bcrypt_foreign;
mod bcrypt_sha256;
mod common;
mod cost_cap;
#[cfg(feature = "password-legacy")]
mod crypt;
#[cfg(feature = "password-legacy")]
mod crypt64;
#[cfg(feature = "password-legacy")]
mod digests;
mod encoding;
#[cfg(feature = "password-legacy")]
mod firebase;
mod foreign;
mod formats;
mod hashing;
mod pbkdf2;
mod pbkdf2_text;
mod pepper;
mod pepper_id;
#[cfg(feature = "password-legacy")]
mod phpass;
mod plain;
mod policy;
mod pool;
#[cfg(feature = "password-legacy")]
mod salted;
mod scheme;
mod scram;
mod scrypt;
mod scrypt_text;
mod slashes;
mod stored;
mod thread_time;
mod wrapper;

pub use bcrypt::{BcryptCost, CostOutOfRange};
pub use cost_cap::{CostCap, TooSlow};
#[cfg(feature = "password-legacy")]
pub use firebase::{FirebaseError, FirebaseProject};
pub use hashing::{hash_password, needs_rehash};
pub use pepper::{Pepper, PepperError, Peppers};
pub use pepper_id::{InvalidPepperId, PepperId, PepperScheme};
pub use plain::Password;
pub use policy::{PasswordError, PasswordPolicy};
pub use pool::{
    Checked, HashObserver, HashPool, HashPoolSettings, HashPoolStats, PoolFull, Ticket, Verification,
};
#[cfg(feature = "password-legacy")]
pub use salted::{InvalidSaltedForm, SaltedForm};
pub use scheme::{Scheme, UnsupportedHash};
pub use stored::StoredHash;
pub use wrapper::unwrapped;
