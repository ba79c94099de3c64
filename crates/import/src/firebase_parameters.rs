//! The hash parameters of a Firebase project.

use roster_auth::password::{FirebaseError, FirebaseProject};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The hash parameters of a Firebase project, as its console shows them under "Password hash parameters":
///
/// ```text
/// hash_config {
///   algorithm: SCRYPT,
///   base64_signer_key: jxspr8Ki…==,
///   base64_salt_separator: Bw==,
///   rounds: 8,
///   mem_cost: 14,
/// }
/// ```
///
/// The signer key is a secret: `Debug` hides it, and it is wiped on drop. It is not stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(try_from = "Unchecked")]
pub struct FirebaseParameters {
    signer_key: String,
    salt_separator: String,
    rounds: u32,
    mem_cost: u32,
}

/// Why a text does not hold the parameters of a project. Never repeats the text.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FirebaseParametersError {
    /// A parameter is missing, or is no number where it has to be one.
    #[error(
        "{0} is missing or not valid; expected the text that Firebase's console shows, hash_config {{ … }}"
    )]
    Parameter(&'static str),
    /// The parameters are not those of a project.
    #[error(transparent)]
    Project(#[from] FirebaseError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    signer_key: String,
    salt_separator: String,
    rounds: u32,
    mem_cost: u32,
}

impl FirebaseParameters {
    /// The project with these parameters.
    pub(crate) fn project(&self) -> Option<FirebaseProject> {
        FirebaseProject::new(&self.signer_key, &self.salt_separator, self.rounds, self.mem_cost).ok()
    }
}

impl TryFrom<Unchecked> for FirebaseParameters {
    type Error = FirebaseError;

    fn try_from(unchecked: Unchecked) -> Result<Self, Self::Error> {
        let Unchecked { signer_key, salt_separator, rounds, mem_cost } = unchecked;
        FirebaseProject::new(&signer_key, &salt_separator, rounds, mem_cost)?;
        Ok(Self { signer_key, salt_separator, rounds, mem_cost })
    }
}

impl FromStr for FirebaseParameters {
    type Err = FirebaseParametersError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parameter = |name: &'static str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(':'));
            let found = lines.find(|(key, _)| key.trim().trim_matches('"') == name);
            let value = found.map(|(_, value)| value.trim().trim_end_matches(',').trim_matches('"'));
            value.ok_or(FirebaseParametersError::Parameter(name))
        };
        let number = |name| parameter(name)?.parse().map_err(|_| FirebaseParametersError::Parameter(name));
        let unchecked = Unchecked {
            signer_key: parameter("base64_signer_key")?.to_owned(),
            salt_separator: parameter("base64_salt_separator")?.to_owned(),
            rounds: number("rounds")?,
            mem_cost: number("mem_cost")?,
        };
        Ok(unchecked.try_into()?)
    }
}

impl fmt::Debug for FirebaseParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirebaseParameters(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,\n  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}\n";

    #[test]
    fn the_text_of_the_console_is_read() {
        let parameters: FirebaseParameters = CONFIG.parse().unwrap();
        assert!(parameters.project().is_some());
        assert_eq!((parameters.rounds, parameters.mem_cost), (8, 14));
        assert!(!format!("{parameters:?}").contains("jxspr8"));
        let sent = serde_json::to_string(&parameters).unwrap();
        assert_eq!(serde_json::from_str::<FirebaseParameters>(&sent).unwrap(), parameters);
    }

    #[test]
    fn a_text_without_a_parameter_is_rejected_and_not_repeated() {
        for line in CONFIG.lines().filter(|line| line.contains(':') && !line.contains("SCRYPT")) {
            let error = CONFIG.replace(line, "").parse::<FirebaseParameters>().unwrap_err();
            assert!(line.contains(error.to_string().split(' ').next().unwrap()), "{error}");
        }
        let wrong = CONFIG.replace("mem_cost: 14", "mem_cost: 99").parse::<FirebaseParameters>();
        assert_eq!(wrong.unwrap_err(), FirebaseParametersError::Project(FirebaseError::Costs));
    }
}
