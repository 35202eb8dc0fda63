//! Python's values. DRF parses bodies to them, converts them, and quotes them in its messages, so callers can see them.
//!
//! These modules follow CPython 3.11.

mod decoding;
mod integer;
mod json;
mod repr;
mod value;

pub(super) use decoding::decode;
pub(super) use integer::int;
pub(super) use json::{TOO_DEEP, parse};
pub use value::{Dict, Str, Value};
pub(super) use value::{strip, strip_end};
