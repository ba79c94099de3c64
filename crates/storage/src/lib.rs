//! The ports that every storage engine implements, and the contract tests that it must pass.
