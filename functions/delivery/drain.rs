//! Woken by fan-out, spread and the tick, and by whoever resumes a webhook: sends what is queued.

fn main() -> Result<(), shared::runtime::Error> {
    shared::delivery::run_drain()
}
