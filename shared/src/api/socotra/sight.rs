//! How much of a webhook an answer shows. Who may not read webhooks is shown no credential by a write either; and a signing secret
//! is shown only by the request that sets it.

use crate::domain::{Caller, Permission};

/// What of an endpoint the request itself sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Its `url`.
    pub url: bool,
    /// Its `secret`.
    pub secret: bool,
}

/// How much of a webhook an answer shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Whether the caller may read webhooks: who may not sees no header value, no secret and no URL but one that he just gave.
    pub reads: bool,
    /// What was set of the webhook's endpoint.
    pub endpoint: Given,
    /// What was set of its `alertEndpoint`.
    pub alert: Given,
}

impl Sight {
    /// For the answer to a read: all but the secrets.
    pub const READING: Self = {
        let nothing = Given { url: false, secret: false };
        Self { reads: true, endpoint: nothing, alert: nothing }
    };

    /// For the answer to a creation.
    #[must_use]
    pub fn of_new(caller: &Caller) -> Self {
        let all = Given { url: true, secret: true };
        Self { reads: caller.may(Permission::WebhooksRead), endpoint: all, alert: all }
    }

    /// For the answer to a change that sets that of the endpoint and of its `alertEndpoint`.
    #[must_use]
    pub fn of_change(caller: &Caller, (endpoint, alert): (Given, Given)) -> Self {
        Self { reads: caller.may(Permission::WebhooksRead), endpoint, alert }
    }
}
