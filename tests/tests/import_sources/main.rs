//! `roster import` from databases: of the systems in `fixtures/peers`, which the real packages made, and of tables that
//! have every kind of value.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod command;
mod documented;
mod files;
mod keycloak;
mod mariadb;
mod mysql;
mod names;
mod peers;
mod postgres;
mod privileges;
mod sqlite;
