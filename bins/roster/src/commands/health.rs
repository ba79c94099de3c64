//! `roster health`

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use roster_config::{Server, Settings, without_userinfo};
use ureq::Agent;

use crate::cli::Health;
use crate::command_outcome::CommandOutcome;
use crate::terminal;

/// How long to wait for the response. Shorter than the probe timeout of container runtimes.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Checks whether a server is ready. Loads the settings only if the URL is not given.
///
/// # Errors
/// If the server is not ready or does not respond.
pub(crate) fn run(
    args: &Health,
    settings: impl FnOnce() -> anyhow::Result<Settings>,
) -> anyhow::Result<CommandOutcome> {
    let base = match &args.url {
        Some(url) if url.starts_with("http://") => url.trim_end_matches('/').to_owned(),
        Some(url) => bail!(
            "--url {} does not begin with http://; write it like http://127.0.0.1:8000",
            without_userinfo(url)
        ),
        None => address(&settings()?.server)?,
    };
    let url = format!("{base}/health/ready");
    let agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        // Ignore a proxy in the environment: the server runs on this machine.
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .new_agent();
    let shown = without_userinfo(&url);
    let mut response = agent.get(&url).call().with_context(|| format!("no response from {shown}"))?;
    let body = response.body_mut().read_to_string().unwrap_or_default();
    if response.status() != 200 {
        bail!("{shown} responded with {}: {}", response.status(), detail(&body));
    }
    terminal::print("ready\n")?;
    Ok(CommandOutcome::Done)
}

/// The URL of the configured server on this machine.
fn address(server: &Server) -> anyhow::Result<String> {
    if server.port == 0 {
        bail!("server.port is 0, so the system chose the port; add --url http://127.0.0.1:PORT");
    }
    let host = match server.host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => "[::1]".to_owned(),
        Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
        Ok(IpAddr::V4(_)) | Err(_) => server.host.clone(),
    };
    Ok(format!("http://{host}:{}", server.port))
}

/// The detail of a problem document, or the beginning of any other body.
fn detail(body: &str) -> String {
    let problem: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    problem["detail"].as_str().map_or_else(|| body.chars().take(200).collect(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_config::Sources;

    fn configured(host: &'static str, port: &'static str) -> anyhow::Result<String> {
        let variables = [("ROSTER__SERVER__HOST", host), ("ROSTER__SERVER__PORT", port)];
        address(&Settings::load(Sources::none().with_environment(variables)).unwrap().server)
    }

    #[test]
    fn a_server_on_all_addresses_is_checked_on_the_loopback_address() {
        assert_eq!(configured("0.0.0.0", "8000").unwrap(), "http://127.0.0.1:8000");
        assert_eq!(configured("::", "8000").unwrap(), "http://[::1]:8000");
        assert_eq!(configured("::1", "81").unwrap(), "http://[::1]:81");
        assert_eq!(configured("localhost", "81").unwrap(), "http://localhost:81");
    }

    #[test]
    fn a_port_that_the_system_chose_must_be_given() {
        assert!(configured("127.0.0.1", "0").unwrap_err().to_string().contains("--url"));
    }
}
