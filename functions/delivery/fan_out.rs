//! Triggered by the Events table's stream: queues each event for the webhooks that want it and wakes drain.

fn main() -> Result<(), shared::runtime::Error> {
    shared::delivery::run_fan_out()
}
