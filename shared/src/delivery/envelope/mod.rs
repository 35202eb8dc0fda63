//! The bodies in which Flip, Akinon and Socotra deliver an event, and the body of a notice about a failure.

mod akinon;
mod flip;
mod notice;
mod socotra;

pub use akinon::AkinonEvent;
pub use flip::FlipEvent;
pub use notice::FailureNotice;
pub use socotra::SocotraEvent;
