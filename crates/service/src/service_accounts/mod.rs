//! Service accounts, their API keys, and authentication by API key.

mod accounts;
mod authenticate;
mod changes;
mod keys;
mod uses;

pub use accounts::{NewServiceAccount, ServiceAccountDraft};
pub use authenticate::ServiceAccountClient;
pub use keys::{ApiKeyDraft, IssuedApiKey, Rotation};
