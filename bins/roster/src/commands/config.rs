//! `roster config`

use anyhow::Context;
use roster_auth::password::PasswordPolicy;
use roster_config::Settings;

use crate::cli::Config;
use crate::keys::KeySource;
use crate::{Ending, first_admin, logs, terminal};

/// Shows the settings, or checks them. That they could be loaded has passed most of the check already.
///
/// # Errors
/// If a setting that only another crate can judge is no good.
pub(crate) fn run(settings: &Settings, asked: Config) -> anyhow::Result<Ending> {
    match asked {
        Config::Show => terminal::print(shown(settings))?,
        Config::Check => {
            check(settings)?;
            settings.warnings().iter().for_each(|warning| terminal::note(&format!("warning: {warning}")));
            terminal::print("the settings are good\n")?;
        }
    }
    Ok(Ending::Done)
}

fn check(settings: &Settings) -> anyhow::Result<()> {
    logs::filter(settings)?;
    if !settings.auth.key_files.is_empty() {
        KeySource::of(settings).load()?;
    }
    let policy = PasswordPolicy { min_length: settings.password.min_length };
    first_admin::from_settings(&settings.admin)?.check(&policy).context("admin.password")
}

fn shown(settings: &Settings) -> String {
    let lines: Vec<_> = settings
        .show()
        .iter()
        .map(|shown| (format!("{} = {}", shown.key, shown.value), shown.origin.to_string()))
        .collect();
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    let line = |(line, origin): &(String, String)| format!("{line:width$}  # {origin}");
    lines.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}
