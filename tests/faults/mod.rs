//! Faults: whatever goes wrong at whichever step, every event is delivered or visibly kept.

mod alarms;
mod dice;
mod exhaustive;
mod kills;
mod ledger;
mod machine;
mod order;
mod owners;
mod seeds;
