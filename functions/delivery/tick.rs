//! Invoked each minute by a schedule, and stays its minute: wakes drain and spread for what falls due.

fn main() -> Result<(), shared::runtime::Error> {
    shared::delivery::run_tick()
}
