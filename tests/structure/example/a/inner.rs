use super::Shared;

pub struct Inner(Shared);
pub struct Outer;
