//! The console: the pages on which people see what is delivered and what is not, and steer it.

pub mod picture;
pub mod slack;
pub mod time;
