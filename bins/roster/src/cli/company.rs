//! Which commands run beside a server, and what to ask of the server instead of those that do not.

use clap::{ArgMatches, Command};

/// What a command does about a server on the same data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Company {
    /// It needs the store to itself.
    Alone {
        /// The HTTP call that does the same.
        instead: &'static str,
    },
    /// It does not touch the store.
    Beside,
    /// It is the server, or has nothing to do with one.
    Apart,
}

impl Company {
    /// That of the command that was typed.
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let mut names = Vec::new();
        let mut next = matches.subcommand();
        while let Some((name, below)) = next {
            names.push(name);
            next = below.subcommand();
        }
        Self::named(&names.join(" "))
    }

    fn named(command: &str) -> Self {
        if matches!(command.split(' ').next(), Some("audit" | "keys")) {
            return Self::Beside;
        }
        let found = ALONE.iter().find(|(name, _)| *name == command);
        found.map_or(Self::Apart, |(_, instead)| Self::Alone { instead })
    }

    fn line(self) -> Option<String> {
        match self {
            Self::Alone { instead } => Some(format!(
                "Needs the store to itself: stop the server first. The same at a running one: {instead}"
            )),
            Self::Beside => Some("Works beside a running server.".to_owned()),
            Self::Apart => None,
        }
    }
}

/// The commands that need the store to themselves, each with the HTTP call that does the same.
const ALONE: [(&str, &str); 23] = [
    ("import", "POST /users for each person"),
    ("export", "GET /users"),
    ("user create", "POST /users"),
    ("user list", "GET /users"),
    ("user show", "GET /users/{id}"),
    ("user disable", "PATCH /users/{id} with {\"status\": \"disabled\"}"),
    ("user enable", "PATCH /users/{id} with {\"status\": \"active\"}"),
    ("user set-password", "PUT /users/{id}/password"),
    ("user delete", "DELETE /users/{id}"),
    ("user set-roles", "PATCH /users/{id} with {\"roles\": [...]}"),
    ("session list", "GET /users/{id}/sessions"),
    ("session revoke", "DELETE /users/{id}/sessions, or /users/{id}/sessions/{sid} for one"),
    ("service-account create", "POST /service-accounts"),
    ("service-account list", "GET /service-accounts"),
    ("service-account show", "GET /service-accounts/{id}"),
    ("service-account disable", "PATCH /service-accounts/{id} with {\"status\": \"disabled\"}"),
    ("service-account enable", "PATCH /service-accounts/{id} with {\"status\": \"active\"}"),
    ("service-account set-permissions", "PATCH /service-accounts/{id} with {\"permissions\": [...]}"),
    ("service-account delete", "DELETE /service-accounts/{id}"),
    ("api-key create", "POST /service-accounts/{id}/keys"),
    ("api-key list", "GET /service-accounts/{id}/keys"),
    ("api-key rotate", "POST /service-accounts/{id}/keys/{key_id}/rotate"),
    ("api-key revoke", "DELETE /service-accounts/{id}/keys/{key_id}"),
];

const GROUP_ALONE: &str = "These need the store to themselves: stop the server first. The help of each names the HTTP call that does the same.";

/// The command line, with a line in the help of each command that says whether it runs beside a server.
pub(super) fn explained(command: Command) -> Command {
    command.mut_subcommands(|below| explained_below("", below))
}

fn explained_below(above: &str, command: Command) -> Command {
    let name = format!("{above}{}", command.get_name());
    if !command.has_subcommands() {
        return begun(command, Company::named(&name).line());
    }
    let prefix = format!("{name} ");
    let is_alone = ALONE.iter().any(|(name, _)| name.starts_with(&prefix));
    let line = is_alone.then(|| GROUP_ALONE.to_owned());
    begun(command, line).mut_subcommands(|below| explained_below(&prefix, below))
}

/// The command, with this line before what its help says after the options.
fn begun(command: Command, line: Option<String>) -> Command {
    let Some(line) = line else { return command };
    let help = command.get_after_help().map(|help| format!("{line}\n\n{help}"));
    command.after_help(help.unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory;

    /// The help of every command, by what is typed.
    fn helps_below(above: &str, command: &Command, found: &mut Vec<(String, String)>) {
        for below in command.get_subcommands() {
            let name = format!("{above}{}", below.get_name());
            found.push((name.clone(), below.clone().render_long_help().to_string()));
            helps_below(&format!("{name} "), below, found);
        }
    }

    #[test]
    fn every_command_that_needs_the_store_alone_says_what_to_ask_a_server() {
        let mut helps = Vec::new();
        helps_below("", &explained(Cli::command()), &mut helps);
        for (name, instead) in ALONE {
            let (_, help) = helps.iter().find(|(typed, _)| typed == name).unwrap_or_else(|| panic!("{name}"));
            // Lines are wrapped.
            let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(help.contains(&format!("The same at a running one: {instead}")), "{help}");
        }
    }

    #[test]
    fn every_command_on_users_and_machines_is_known_to_need_the_store() {
        let mut helps = Vec::new();
        helps_below("", &Cli::command(), &mut helps);
        for group in ["user ", "session ", "service-account ", "api-key "] {
            for (name, _) in helps.iter().filter(|(name, _)| name.starts_with(group)) {
                assert!(matches!(Company::named(name), Company::Alone { .. }), "{name}");
            }
        }
    }

    #[test]
    fn what_is_asked_of_a_server_is_there() {
        let document: serde_json::Value = serde_json::from_slice(&roster_http::openapi_document()).unwrap();
        for (name, instead) in ALONE {
            let mut words = instead.split([' ', ',']);
            let (method, path) = (words.next().unwrap().to_lowercase(), words.next().unwrap());
            assert!(document["paths"][path][method].is_object(), "{name}: {instead}");
        }
    }
}
