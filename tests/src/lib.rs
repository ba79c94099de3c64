//! Black-box tests over real HTTP, and tests of the architecture itself.
