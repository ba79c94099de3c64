//! `roster config`

use anyhow::Context;
use roster_auth::password::PasswordPolicy;
use roster_config::Settings;

use crate::cli::Config;
use crate::command_outcome::CommandOutcome;
use crate::keys::KeySource;
use crate::{first_admin, logs, terminal};

/// Shows or checks the settings. Loading them has already checked most of them.
///
/// # Errors
/// If a setting that only another crate can check is invalid. Prints all errors except the last, which is returned.
pub(crate) fn run(settings: &Settings, args: Config) -> anyhow::Result<CommandOutcome> {
    match args {
        Config::Show => {
            terminal::print(shown(settings))?;
            note_warnings(settings);
        }
        Config::Check => {
            let mut errors = errors(settings);
            if let Some(last) = errors.pop() {
                errors.iter().for_each(terminal::report);
                return Err(last);
            }
            note_warnings(settings);
            terminal::print("the settings are valid\n")?;
        }
    }
    Ok(CommandOutcome::Done)
}

/// Warnings about settings that are valid but risky or probably a mistake.
pub(crate) fn warnings(settings: &Settings) -> Vec<String> {
    let keys = KeySource::of(settings);
    let mut warnings = [settings.warnings(), settings.token_warnings(), keys.readable_by_all()].concat();
    // Do not warn if the setting is unset: the operator chose the algorithm when generating the key.
    if settings.is_set("auth.algorithm") {
        warnings.extend(keys.algorithm_warning());
    }
    warnings
}

fn note_warnings(settings: &Settings) {
    for warning in warnings(settings) {
        terminal::note(&format!("warning: {warning}"));
    }
}

/// The errors in settings that only other crates can check.
pub(crate) fn errors(settings: &Settings) -> Vec<anyhow::Error> {
    let policy = PasswordPolicy { min_length: settings.password.min_length };
    let admin = first_admin::from_settings(&settings.admin)
        .and_then(|admin| admin.check(&policy).context("admin.password"));
    let other_errors = [logs::filter(settings).err(), admin.err()];
    other_errors.into_iter().flatten().chain(KeySource::of(settings).errors()).collect()
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
