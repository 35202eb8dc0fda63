//! The bodies in which the three APIs besides SD Elements deliver an event, and the notice of a failure.

mod akinon;
mod flip;
mod notice;
mod socotra;

pub use akinon::AkinonEvent;
pub use flip::FlipEvent;
pub use notice::FailureNotice;
pub use socotra::SocotraEvent;
