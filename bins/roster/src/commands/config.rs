//! `roster config`

use anyhow::Context;
use roster_auth::password::PasswordPolicy;
use roster_config::{ConfigErrors, Settings};

use crate::cli::Config;
use crate::command_outcome::CommandOutcome;
use crate::engine::engine;
use crate::keys::{KeySource, RingPlace};
use crate::{first_admin, logs, terminal};

/// Shows or checks the settings.
///
/// # Errors
/// If a setting is invalid. A check prints all errors except the last, which is returned.
pub(crate) fn run(loaded: Result<Settings, ConfigErrors>, args: Config) -> anyhow::Result<CommandOutcome> {
    match args {
        Config::Show => {
            let settings = loaded?;
            terminal::print(shown(&settings))?;
            note_warnings(&settings);
        }
        Config::Check => {
            let settings = check(loaded)?;
            note_warnings(&settings);
            terminal::print("the settings are valid\n")?;
        }
    }
    Ok(CommandOutcome::Done)
}

fn check(loaded: Result<Settings, ConfigErrors>) -> anyhow::Result<Settings> {
    let mut further = match &loaded {
        Ok(settings) => errors(settings),
        Err(invalid) => errors_in(invalid.settings(), |section| invalid.is_section_valid(section)),
    };
    let last = if loaded.is_ok() { further.pop() } else { None };
    further.iter().for_each(terminal::report);
    match last {
        Some(last) => Err(last),
        None => Ok(loaded?),
    }
}

/// Warnings about settings that are valid but risky or probably a mistake.
pub(crate) fn warnings(settings: &Settings) -> Vec<String> {
    let keys = KeySource::of(&*engine(settings), settings);
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
    errors_in(settings, |_| true)
}

/// The same errors, of the sections whose values are valid by themselves.
fn errors_in(settings: &Settings, is_valid: impl Fn(&str) -> bool) -> Vec<anyhow::Error> {
    let mut errors = Vec::new();
    if is_valid("log") {
        errors.extend(logs::filter(settings).err());
    }
    if is_valid("admin") && is_valid("password") {
        let policy = PasswordPolicy { min_length: settings.password.min_length };
        let admin = first_admin::from_settings(&settings.admin)
            .and_then(|admin| admin.check(&policy).context("admin.password"));
        errors.extend(admin.err());
    }
    let engine = engine(settings);
    if is_valid("storage") && is_valid("data") {
        errors
            .extend(engine.check_settings().err().map(|error| anyhow::Error::new(error).context("storage")));
        errors.extend(RingPlace::of(&*engine, settings).check_settings().err());
    }
    if is_valid("auth") && is_valid("data") {
        errors.extend(KeySource::of(&*engine, settings).errors());
    }
    errors
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
