//! From publishing to the message at the endpoint.

mod all_apis;
mod digests;
mod end_to_end;
mod fan_out;
mod holds;
mod outcomes;
mod policy;
mod queue;
mod replies;
