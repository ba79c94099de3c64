//! Explains what an import would take the fields of a file for.

use super::ImportError;
use crate::{Call, Roster};
use roster_auth::password::CostCap;
use roster_domain::{Permission, policy};
use roster_import::{Explanation, ImportFile, ImportOptions, ImportReader, NameHasher};
use std::io;

impl Roster {
    /// Explains what each field of the files is taken for, file by file, with masked examples. Writes nothing, and reads no
    /// user.
    ///
    /// The caller needs `users:create`.
    ///
    /// # Errors
    /// [`ImportError`] if a file cannot be read.
    pub async fn explain_import(
        &self,
        call: &Call,
        files: Vec<ImportFile>,
        options: &ImportOptions,
    ) -> Result<Vec<Explanation>, ImportError> {
        policy::require(&call.principal, Permission::UsersCreate)?;
        let hasher = NameHasher::new(self.random());
        let cost_cap = CostCap::new(self.parts().hash_pool.cost());
        let reader = ImportReader::new(options.clone(), self.parts().clock.now(), hasher, cost_cap)
            .with_peppers(self.parts().hash_pool.peppers().clone());
        let explaining = tokio::task::spawn_blocking(move || reader.explain(files));
        Ok(explaining.await.map_err(io::Error::other)??)
    }
}
