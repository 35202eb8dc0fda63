//! Behaviour, on the embedded DynamoDB and with the real binaries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod admin;
mod akinon;
mod console;
mod contract;
mod delivery;
mod documents;
mod edge;
mod faults;
mod flip;
mod openapi;
mod operations;
mod policies;
mod sdelements;
mod socotra;
mod stack;
mod structure;
mod support;
mod template;
