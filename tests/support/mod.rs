//! What tests have in common: a stack for one test with short ways to use it, the repository, replies, policies and budgets.

mod budget;
mod callers;
mod documented;
mod place;
mod policy;
mod proxy;
mod reply;
mod repository;
mod wait;
mod world;

pub(crate) use ::simulated;
pub(crate) use budget::{counted, spend};
pub(crate) use callers::{body_of, verifies};
pub(crate) use documented::{bash, blocks, commands};
pub(crate) use policy::{Grants, granted};
pub(crate) use proxy::Proxy;
pub(crate) use reply::{Reply, alike};
pub(crate) use repository::root;
pub(crate) use wait::until;
pub(crate) use world::{World, slack_url};
