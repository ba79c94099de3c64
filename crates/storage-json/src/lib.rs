//! The embedded engine: all users in memory, every change in a journal, users.json as its projection.
