//! Woken by fan-out and by whoever resumes a webhook, and each minute by a schedule: sends what is queued.

fn main() -> Result<(), shared::http::Error> {
    shared::delivery::run_drain()
}
