//! The documents' samples and DRF's words, against the real binaries.

mod literals;
mod samples;
