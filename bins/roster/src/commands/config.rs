//! `roster config`

use anyhow::Context;
use roster_auth::password::PasswordPolicy;
use roster_config::Settings;

use crate::cli::Config;
use crate::command_outcome::CommandOutcome;
use crate::keys::KeySource;
use crate::{first_admin, logs, terminal};

/// Shows the settings, or checks them. That they could be loaded has passed most of the check already.
///
/// # Errors
/// If settings that only other crates can judge are no good: the last of them, those before told.
pub(crate) fn run(settings: &Settings, args: Config) -> anyhow::Result<CommandOutcome> {
    match args {
        Config::Show => {
            terminal::print(shown(settings))?;
            note_warnings(settings);
        }
        Config::Check => {
            let mut faults = faults(settings);
            if let Some(last) = faults.pop() {
                faults.iter().for_each(terminal::report);
                return Err(last);
            }
            note_warnings(settings);
            terminal::print("the settings are good\n")?;
        }
    }
    Ok(CommandOutcome::Done)
}

/// What a server with these settings should be told: what is allowed and yet unwise or most likely a slip.
pub(crate) fn warnings(settings: &Settings) -> Vec<String> {
    let keys = KeySource::of(settings);
    let mut warnings = [settings.warnings(), settings.token_warnings(), keys.readable_by_all()].concat();
    // Whoever made another key by hand and left the setting alone knows what they did.
    if settings.is_set("auth.algorithm") {
        warnings.extend(keys.other_algorithm());
    }
    warnings
}

fn note_warnings(settings: &Settings) {
    for warning in warnings(settings) {
        terminal::note(&format!("warning: {warning}"));
    }
}

/// What is wrong with settings that only other crates can judge.
pub(crate) fn faults(settings: &Settings) -> Vec<anyhow::Error> {
    let policy = PasswordPolicy { min_length: settings.password.min_length };
    let admin = first_admin::from_settings(&settings.admin)
        .and_then(|admin| admin.check(&policy).context("admin.password"));
    let of_others = [logs::filter(settings).err(), admin.err()];
    of_others.into_iter().flatten().chain(KeySource::of(settings).faults()).collect()
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
