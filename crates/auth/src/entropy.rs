//! Where random bytes come from.

/// A source of bytes that nobody can guess. An argument wherever a salt, a key or an identifier is made, so
/// that tests can repeat themselves.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// Ends the process when the system has no randomness to give: a guessable salt or key is worse than a
    /// server that is down. Linux since 3.17 gives it always.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system for randomness"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(%error, "the operating system gave no random bytes: ending the process");
            std::process::abort();
        }
    }
}
