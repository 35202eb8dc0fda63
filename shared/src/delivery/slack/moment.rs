//! How messages write a time.

use crate::domain::Timestamp;

/// The time as people read it: `2016-10-31 19:20:13 UTC`.
pub(super) fn moment(time: Timestamp) -> String {
    let text = time.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{} UTC", seconds.replacen('T', " ", 1))
}
