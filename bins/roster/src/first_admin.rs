//! Somebody who can log in at a fresh installation.

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

/// The name of an administrator whom no setting names.
const USERNAME: &str = "roster-admin";

/// The name of the file in `data.dir` that tells a random password where no terminal can.
pub(crate) const FILE: &str = "first-admin-password";

/// Who the settings say shall be the first administrator.
///
/// # Errors
/// If a name or an address is none; the setting is named.
pub(crate) fn from_settings(admin: &Admin) -> anyhow::Result<FirstAdministrator> {
    let username = admin.username.as_deref().unwrap_or(USERNAME);
    Ok(FirstAdministrator {
        username: Username::new(username).context("admin.username")?,
        email: admin.email.as_deref().map(EmailAddress::new).transpose().context("admin.email")?,
        password: admin.password.as_ref().map(|password| password.expose().to_owned()),
    })
}

/// Makes the first administrator if there is no active one, and tells a random password to whoever started
/// the server, at last by a file in `folder`.
///
/// # Errors
/// If the password is no good, the store cannot write, or the password cannot be handed over.
pub(crate) async fn ensure(app: &App, first: FirstAdministrator, folder: &Path) -> anyhow::Result<()> {
    let name = first.username.clone();
    let username = name.to_string();
    let given = first.password.clone().map(Password::new);
    match app.roster.create_first_administrator(first).await {
        Ok(Outcome::NotNeeded) => {
            if let Some(password) = given {
                // Nobody waits for the hash that this costs.
                tokio::spawn(warn_of_another_password(app.roster.clone(), name, password));
            }
        }
        Ok(Outcome::Created) => tracing::info!(username, "made the first administrator"),
        Ok(Outcome::CreatedWithPassword(password)) => hand_over(&username, &password, folder)?,
        // Those who have accounts can be served all the same.
        Err(Error::Taken(field)) => tracing::warn!(
            username,
            "there is no active administrator, and the {field} of the first one is taken; set another in \
             admin.{field}, or run: roster user set-roles USER admin"
        ),
        Err(error) => {
            return Err(describe_error(error)).context("cannot make the first administrator (admin.*)");
        }
    }
    Ok(())
}

/// Warns if the password of the settings is not the one of the administrator who is there: somebody may have changed the
/// setting to change the password.
async fn warn_of_another_password(roster: Arc<Roster>, username: Username, password: Password) {
    match roster.is_password_of_administrator(&username, password).await {
        Ok(Some(false)) => tracing::warn!(
            username = username.as_str(),
            "admin.password (ROSTER_ADMIN_PASSWORD) is not this administrator's password, and changes nothing: it counts only \
             when the first administrator is made. To change the password: PUT /users/me/password or `roster user \
             set-password`. Else remove the setting"
        ),
        Ok(Some(true) | None) => {}
        Err(error) => tracing::debug!(error = %error, "admin.password was not compared"),
    }
}

fn hand_over(username: &str, password: &str, folder: &Path) -> anyhow::Result<()> {
    if terminal::is_watched() {
        let message = format!(
            "\nThere was no administrator yet, so this one was made:\n\n  username: {username}\n  password: \
             {password}\n\nThe password is shown only now; change it after the first login.\n\n"
        );
        message.lines().for_each(terminal::note);
        return Ok(());
    }
    let path = write(password, folder).with_context(|| {
        format!(
            "\"{username}\" was made the first administrator, but the password could not be written to \
             \"{}\"; set another with: roster user set-password {username}",
            folder.join(FILE).display()
        )
    })?;
    tracing::info!(
        username,
        password_file = %path.display(),
        "made the first administrator; read the password from the file, then remove it"
    );
    Ok(())
}

fn write(password: &str, folder: &Path) -> std::io::Result<PathBuf> {
    make_folder(folder)?;
    let path = folder.join(FILE);
    let mut file = PrivateFile::beside(&path)?;
    writeln!(file, "{password}")?;
    file.keep_as(&path, Existing::Replace)?;
    Ok(path)
}
