//! SD Elements' API under use: concurrency, costs, publishing.

mod activities;
mod budgets;
mod concurrency;
mod operations;
mod projects;
mod slack_compatible;
