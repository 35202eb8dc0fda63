//! The code that Outhook's functions share.
//!
//! Dependencies point one way: functions → [`app`] → [`api`], [`delivery`] → [`store`] → [`domain`]. `tests/structure`
//! has the whole list, as a test. The domain knows neither AWS nor HTTP, and an API module knows no table.

pub mod api;
pub mod app;
pub mod aws;
pub mod delivery;
pub mod domain;
pub mod encoding;
pub mod http;
pub mod logging;
pub mod runtime;
pub mod store;
pub mod validation;
