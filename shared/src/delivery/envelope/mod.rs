//! The bodies in which Flip, Akinon, Socotra and notification targets get an event, and the body of a notice about a
//! failure.

mod akinon;
mod flip;
mod notice;
mod operations;
mod socotra;

pub use akinon::AkinonEvent;
pub use flip::FlipEvent;
pub use notice::FailureNotice;
pub use operations::OperationsEvent;
pub use socotra::SocotraEvent;
