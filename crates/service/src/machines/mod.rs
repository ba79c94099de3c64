//! Machines: service accounts, their API keys, and who a shown key stands for.

mod accounts;
mod authenticate;
mod changes;
mod keys;
mod uses;

pub use accounts::{NewServiceAccount, ServiceAccountDraft};
pub use authenticate::ClientOfMachine;
pub use keys::{ApiKeyDraft, IssuedApiKey, Rotation};
