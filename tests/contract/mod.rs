//! The documents' samples and DRF's words, against the real binaries.

mod faithful;
mod literals;
mod samples;
