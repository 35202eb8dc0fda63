//! Conditional writes: described once, and made by one call or as a part of a transaction.
//!
//! A [`Write`] says which item is put, updated, deleted or checked and on what [`Condition`](super::condition::Condition). The
//! store's methods `put_item`, `update_item` and `delete_item` make one such write, `transact` and `commit` several of them all or
//! nothing. They tell a refusal, which is an answer, from a failure, and try again while other writers are at the same items.

#[macro_use]
mod description;
mod retry;
mod single;
mod transaction;

pub(super) use description::{Check, Update, Write};
pub(super) use retry::Tried;
pub(super) use transaction::Part;

#[cfg(test)]
mod tests;
