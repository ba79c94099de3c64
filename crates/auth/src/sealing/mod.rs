//! Encrypts what is stored but must not be readable in the store. The sealing keys are kept outside of it.

mod error;
mod key;
mod keys;

pub use error::{NotOpened, NotSealed, SealingKeyError};
pub use keys::{Opened, SealingKeys};
