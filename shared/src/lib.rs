//! Everything Outhook's functions share.
//!
//! A dependency points one way: functions → [`api`] and [`delivery`] → [`store`] → [`domain`]. The domain knows neither
//! AWS nor HTTP, an API module knows no table.

pub mod api;
pub mod auth;
pub mod delivery;
pub mod domain;
pub mod http;
pub mod logging;
pub mod runtime;
pub mod store;
pub mod validation;
