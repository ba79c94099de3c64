//! `roster health`

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use roster_config::{Server, Settings, without_userinfo};
use ureq::Agent;

use crate::cli::Health;
use crate::command_outcome::CommandOutcome;
use crate::terminal;

/// How long an answer may take: less than what container runtimes allow a probe.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks a server whether it is ready. The settings are loaded only if they have to name it.
///
/// # Errors
/// If it is not ready, or does not answer.
pub(crate) fn run(
    args: &Health,
    settings: impl FnOnce() -> anyhow::Result<Settings>,
) -> anyhow::Result<CommandOutcome> {
    let base = match &args.url {
        Some(url) if url.starts_with("http://") => url.trim_end_matches('/').to_owned(),
        Some(url) => bail!(
            "--url {} does not begin with http://; give it like http://127.0.0.1:8000",
            without_userinfo(url)
        ),
        None => address(&settings()?.server)?,
    };
    let url = format!("{base}/health/ready");
    let agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        // A proxy that the environment names has no business between a container and itself.
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .new_agent();
    let shown = without_userinfo(&url);
    let mut answer = agent.get(&url).call().with_context(|| format!("no answer from {shown}"))?;
    let body = answer.body_mut().read_to_string().unwrap_or_default();
    if answer.status() != 200 {
        bail!("{shown} answers {}: {}", answer.status(), detail(&body));
    }
    terminal::print("ready\n")?;
    Ok(CommandOutcome::Done)
}

/// Where this machine reaches the configured server.
fn address(server: &Server) -> anyhow::Result<String> {
    if server.port == 0 {
        bail!("server.port is 0, so the server chose its port; name it with --url http://127.0.0.1:PORT");
    }
    let host = match server.host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => "[::1]".to_owned(),
        Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
        Ok(IpAddr::V4(_)) | Err(_) => server.host.clone(),
    };
    Ok(format!("http://{host}:{}", server.port))
}

/// What a problem document says, or else the body's beginning.
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
    fn a_server_on_every_address_is_asked_at_this_machine() {
        assert_eq!(configured("0.0.0.0", "8000").unwrap(), "http://127.0.0.1:8000");
        assert_eq!(configured("::", "8000").unwrap(), "http://[::1]:8000");
        assert_eq!(configured("::1", "81").unwrap(), "http://[::1]:81");
        assert_eq!(configured("localhost", "81").unwrap(), "http://localhost:81");
    }

    #[test]
    fn a_port_that_the_system_chose_has_to_be_named() {
        assert!(configured("127.0.0.1", "0").unwrap_err().to_string().contains("--url"));
    }
}
