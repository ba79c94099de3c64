#![doc = include_str!("../README.md")]

#[cfg(any(feature = "issue", feature = "password"))]
mod entropy;
#[cfg(feature = "password")]
mod password;
#[cfg(feature = "password")]
mod pool;
#[cfg(feature = "verify")]
mod token;

#[cfg(any(feature = "issue", feature = "password"))]
pub use entropy::{Entropy, SystemEntropy};
#[cfg(feature = "password")]
pub use password::{
    BcryptCost, CostOutOfRange, Password, PasswordFault, PasswordPolicy, Scheme, StoredHash, UnsupportedHash,
    hash_password, needs_rehash,
};
#[cfg(feature = "password")]
pub use pool::{
    Finished, HashObserver, HashPool, HashPoolSettings, HashPoolStats, PoolFull, PoolStopped, Ticket,
    Verified, WrongPassword,
};
