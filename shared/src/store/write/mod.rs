//! Conditional writes: described once, then made by one call or as part of a transaction.
//!
//! A [`Write`] says which item is put, updated, deleted or checked and on what
//! [`Condition`](super::condition::Condition). The store's methods `put_item`, `update_item` and `delete_item` make one
//! such write; `transact` and `commit` make several, all or nothing. They return a refusal as a result, not as an
//! error, and retry while other writers are changing the same items.

#[macro_use]
mod description;
mod retry;
mod single;
mod transaction;

pub(super) use description::{Put, Update, Write};
pub(super) use retry::Tried;
pub(super) use transaction::Part;

#[cfg(test)]
mod tests;
