//! Not compiled: what the test of the layout reads as a crate of its own.

mod a;
mod b;
mod c;

// b::unused is not used.
pub use a::{Inner as Renamed, Outer};

#[cfg(test)]
mod tests {
    use crate::c::C;
}

fn call() -> &'static str {
    b::call();
    "c::C"
}
