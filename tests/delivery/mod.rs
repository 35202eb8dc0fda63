//! From publishing to the message at the endpoint.

mod all_apis;
mod end_to_end;
mod fan_out;
mod outcomes;
