mod inner;

pub use inner::{Inner, Outer};

pub struct Shared;

#[cfg(test)]
use crate::c::C;

impl Shared {
    #[cfg(test)]
    fn only_tests(_: crate::c::C) {}

    fn call(self) {
        crate::b::call()
    }
}
