//! Random bytes.

/// A source of unpredictable bytes. It is passed in wherever a salt, a key or an identifier is generated, so that tests
/// are reproducible.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// Aborts the process if the system has no randomness: a guessable salt or key is worse than a server that is
    /// down. Linux since 3.17 always has some.
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
