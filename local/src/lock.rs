//! Locks that are never poisoned in earnest.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The content of a mutex, even if a holder panicked: use it where no holder leaves the content half changed.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
