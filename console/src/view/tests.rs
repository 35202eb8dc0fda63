//! Whole pages as snapshots, in every state; and a property test: no text becomes markup.

mod hostile;
mod pages;
mod samples;
