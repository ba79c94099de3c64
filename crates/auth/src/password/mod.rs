//! Passwords: the rules for new ones, hashing, and verifying the hashes of other systems.

mod argon2;
mod bcrypt;
mod bcrypt_sha256;
mod common;
mod hashing;
mod pbkdf2;
mod plain;
mod policy;
mod pool;
mod scheme;
mod scrypt;
mod stored;

pub use bcrypt::{BcryptCost, CostOutOfRange};
pub use hashing::{hash_password, needs_rehash};
pub use plain::Password;
pub use policy::{PasswordError, PasswordPolicy};
pub use pool::{
    Checked, HashObserver, HashPool, HashPoolSettings, HashPoolStats, PoolFull, Ticket, Verification,
};
pub use scheme::{Scheme, UnsupportedHash};
pub use stored::StoredHash;
