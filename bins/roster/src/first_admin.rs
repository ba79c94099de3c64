//! Creates the first administrator, so that someone can log in to a new installation.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use roster_auth::password::Password;
use roster_config::Admin;
use roster_domain::{EmailAddress, Username};
use roster_service::{Error, FirstAdministrator, FirstAdministratorOutcome as Outcome, Roster};

use crate::app::{App, describe_error};
use crate::private_file::{Existing, PrivateFile, make_folder};
use crate::terminal;

/// The username of the first administrator, unless `admin.username` is set.
const DEFAULT_USERNAME: &str = "roster-admin";

/// The file in `data.dir` that holds the generated password if there is no terminal to print it to.
pub(crate) const FILE: &str = "first-admin-password";

/// Reads the first administrator from the settings.
///
/// # Errors
/// If the username or email address is invalid. The error names the setting.
pub(crate) fn from_settings(admin: &Admin) -> anyhow::Result<FirstAdministrator> {
    let username = admin.username.as_deref().unwrap_or(DEFAULT_USERNAME);
    Ok(FirstAdministrator {
        username: Username::new(username).context("admin.username")?,
        email: admin.email.as_deref().map(EmailAddress::new).transpose().context("admin.email")?,
        password: admin.password.as_ref().map(|password| password.expose().to_owned()),
    })
}

/// Creates the first administrator if no administrator is active. Prints a generated password to the terminal, or
/// writes it to a file in `folder` if there is no terminal.
///
/// # Errors
/// If the configured password is invalid, the store cannot be written, or the generated password cannot be delivered.
pub(crate) async fn ensure(app: &App, first: FirstAdministrator, folder: &Path) -> anyhow::Result<()> {
    let name = first.username.clone();
    let username = name.to_string();
    let given = first.password.clone().map(Password::new);
    match app.roster.create_first_administrator(first).await {
        Ok(Outcome::NotNeeded) => {
            if let Some(password) = given {
                // Comparing takes as long as a hash; the start does not wait for it.
                tokio::spawn(warn_if_password_differs(app.roster.clone(), name, password));
            }
        }
        Ok(Outcome::Created) => tracing::info!(username, "created the first administrator"),
        Ok(Outcome::CreatedWithPassword(password)) => deliver_password(&username, &password, folder)?,
        // Existing users can still use the server.
        Err(Error::Taken(field)) => tracing::warn!(
            username,
            "there is no active administrator, and the {field} of the first administrator is taken; change \
             admin.{field}, or run: roster user set-roles USER admin"
        ),
        Err(error) => {
            return Err(describe_error(error)).context("cannot create the first administrator (admin.*)");
        }
    }
    Ok(())
}

/// Warns if the configured password is not the password of the existing administrator: someone may have changed the
/// setting in order to change the password.
async fn warn_if_password_differs(roster: Arc<Roster>, username: Username, password: Password) {
    match roster.is_password_of_administrator(&username, password).await {
        Ok(Some(false)) => tracing::warn!(
            username = username.as_str(),
            "admin.password (ROSTER_ADMIN_PASSWORD) is not this administrator's password and has no effect: it is used only \
             to create the first administrator. To change the password, use PUT /users/me/password or `roster user \
             set-password`; otherwise remove the setting"
        ),
        Ok(Some(true) | None) => {}
        Err(error) => {
            tracing::debug!(error = %error, "cannot compare admin.password with the stored password");
        }
    }
}

fn deliver_password(username: &str, password: &str, folder: &Path) -> anyhow::Result<()> {
    if terminal::is_stderr_terminal() {
        let message = format!(
            "\nThere was no administrator yet, so Roster created one:\n\n  username: {username}\n  password: \
             {password}\n\nThe password is not shown again; change it after the first login.\n\n"
        );
        message.lines().for_each(terminal::note);
        return Ok(());
    }
    let path = write(password, folder).with_context(|| {
        format!(
            "\"{username}\" is the first administrator, but the password could not be written to \"{}\"; set a new one \
             with: roster user set-password {username}",
            folder.join(FILE).display()
        )
    })?;
    tracing::info!(
        username,
        password_file = %path.display(),
        "created the first administrator; read the password from the file, then remove it"
    );
    Ok(())
}

fn write(password: &str, folder: &Path) -> std::io::Result<PathBuf> {
    make_folder(folder)?;
    let path = folder.join(FILE);
    let mut file = PrivateFile::beside(&path)?;
    writeln!(file, "{password}")?;
    file.persist_as(&path, Existing::Replace)?;
    Ok(path)
}
