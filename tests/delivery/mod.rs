//! From publishing to the message at the endpoint.

mod all_apis;
mod data;
mod digests;
mod end_to_end;
mod fairness;
mod fan_out;
mod holds;
mod lists;
mod loops;
mod neighbours;
mod outcomes;
mod policy;
mod queue;
mod replies;
mod silence;
