//! How much of a webhook a reply shows. A caller who may not read webhooks sees no credentials in the reply to a write
//! either. A signing secret is shown only in the reply to the request that sets it.

use crate::domain::{Caller, Permission};

/// The parts of an endpoint that the request itself sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Whether the request sets `url`.
    pub url: bool,
    /// Whether the request sets `secret`.
    pub secret: bool,
}

/// How much of a webhook a reply shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Whether the caller may read webhooks. Other callers see no header values, no secrets, and no URL except one that
    /// they just set.
    pub reads: bool,
    /// The parts of the webhook's own endpoint that the request set.
    pub endpoint: Given,
    /// The parts of the webhook's `alertEndpoint` that the request set.
    pub alert: Given,
}

impl Sight {
    /// For the reply to a read: shows everything except secrets.
    pub const READING: Self = {
        let nothing = Given { url: false, secret: false };
        Self { reads: true, endpoint: nothing, alert: nothing }
    };

    /// For the reply to a creation, which sets everything. Secrets are shown only to callers who may read webhooks.
    #[must_use]
    pub fn of_new(caller: &Caller) -> Self {
        let all = Given { url: true, secret: true };
        Self { reads: caller.may(Permission::WebhooksRead), endpoint: all, alert: all }
    }

    /// For the reply to a change that sets the given parts of the endpoint and of its `alertEndpoint`.
    #[must_use]
    pub fn of_change(caller: &Caller, (endpoint, alert): (Given, Given)) -> Self {
        Self { reads: caller.may(Permission::WebhooksRead), endpoint, alert }
    }
}
