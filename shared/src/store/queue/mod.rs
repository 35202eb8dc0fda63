//! Queues: touching, leasing, renewing and releasing them. The rules are in docs/delivery.md.

mod change;
mod lease;
mod state;
mod telling;
mod words;

pub use words::{Health, Lease, LeaseFor, Release, Renewal, SKEW_MS, Touch};

#[cfg(test)]
mod tests;
