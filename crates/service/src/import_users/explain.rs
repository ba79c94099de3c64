//! Explains what an import would take the fields of a file for.

use super::ImportError;
use crate::{Call, Roster};
use roster_auth::password::CostCap;
use roster_domain::{Permission, policy};
use roster_import::{Explanation, ImportOptions, ImportReader, ImportSource, NameHasher};
use std::io;

impl Roster {
    /// Explains what each field of a file is taken for, with masked examples. Writes nothing, and reads no user.
    ///
    /// The caller needs `users:create`.
    ///
    /// # Errors
    /// [`ImportError`] if the file cannot be read.
    pub async fn explain_import(
        &self,
        call: &Call,
        source: impl ImportSource,
        options: &ImportOptions,
    ) -> Result<Explanation, ImportError> {
        policy::require(&call.principal, Permission::UsersCreate)?;
        let hasher = NameHasher::new(self.random());
        let cost_cap = CostCap::new(self.parts().hash_pool.cost());
        let reader = ImportReader::new(options.clone(), self.parts().clock.now(), hasher, cost_cap)
            .with_peppers(self.parts().hash_pool.peppers().clone());
        let source = Box::new(source);
        let explaining = tokio::task::spawn_blocking(move || reader.explain(source));
        Ok(explaining.await.map_err(io::Error::other)??)
    }
}
