//! The use cases: each authorises, composes one unit of work and commits it. Knows no HTTP.
