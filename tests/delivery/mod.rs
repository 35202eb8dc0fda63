//! From publishing to the message at the endpoint.

mod all_apis;
mod data;
mod digests;
mod end_to_end;
mod fairness;
mod fan_out;
mod guards;
mod hearing;
mod history;
mod holds;
mod lists;
mod loops;
mod memory;
mod neighbours;
mod order;
mod outcomes;
mod policy;
mod projects;
mod queue;
mod reach;
mod replies;
mod rotation;
mod scale;
mod silence;
mod suspensions;
mod waits;
