//! Woken by fan-out, and by the tick for what is due: queues an event for the many webhooks that want it, page by page.

fn main() -> Result<(), shared::runtime::Error> {
    shared::delivery::run_spread()
}
