use crate::{Renamed, c};

pub fn call() -> (Renamed, c::C) {
    todo()
}
