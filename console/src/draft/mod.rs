//! A webhook that is being made on a page: the form's fields read by the rules of its API, one file each.

mod akinon;
mod flip;
mod maker;
mod sdelements;
mod socotra;

use shared::{
    app::is_deployed,
    domain::{Api, Caller, EventSource, Permission, Secret, Webhook},
};

pub(crate) use maker::{Maker, Wrong};

use crate::{failure::Failure, form::Fields};

/// The APIs through which this visitor may make webhooks here. `deployed` is the template's list of deployed APIs; without
/// one, all are.
pub(crate) fn open_to(caller: &Caller, deployed: Option<&str>) -> Vec<Api> {
    let permitted = |api: &Api| match api {
        Api::SdElements => sdelements::is_permitted(caller),
        Api::Flip => flip::is_permitted(caller),
        Api::Akinon => akinon::is_permitted(caller),
        Api::Socotra => socotra::is_permitted(caller),
        // These are the notification targets, which have a page of their own.
        Api::Operations => false,
    };
    let may_change = caller.may(Permission::OperationsWrite);
    Api::ALL
        .iter()
        .copied()
        .filter(|api| is_deployed(deployed, *api))
        .filter(|api| may_change && permitted(api))
        .collect()
}

/// Whether this visitor may change the URL of a webhook of that API. Flip's API has no change, and notification targets have a
/// page of their own.
pub(crate) fn may_change_url(caller: &Caller, api: Api) -> bool {
    api != Api::Flip && open_to(caller, None).contains(&api)
}

/// The new URL of a webhook, by the rules of its API.
pub(crate) fn new_url(maker: &Maker<'_>, webhook: &Webhook, fields: &Fields) -> Result<Secret, Wrong> {
    match webhook.key.api {
        Api::SdElements => sdelements::new_url(maker, fields),
        Api::Akinon => akinon::new_url(maker, fields),
        Api::Socotra => socotra::new_url(maker, webhook, fields),
        Api::Flip | Api::Operations => Err(Failure::NOT_FOUND.into()),
    }
}

/// The event types that an API's form offers for ticking, before those that were seen lately.
pub(crate) fn known_types(api: Api) -> Vec<&'static str> {
    if api == Api::SdElements { EventSource::ALL.iter().map(|source| source.as_str()).collect() } else { Vec::new() }
}

/// Makes the webhook, without storing it. SD Elements' ids are numbers of a counter, which only `store` may use up; until
/// then the id is 0.
pub(crate) fn webhook(maker: &Maker<'_>, api: Api, fields: &Fields) -> Result<Webhook, Wrong> {
    match api {
        Api::SdElements => sdelements::webhook(maker, fields),
        Api::Flip => flip::webhook(maker, fields),
        Api::Akinon => akinon::webhook(maker, fields),
        Api::Socotra => socotra::webhook(maker, fields),
        Api::Operations => Err(Failure::NOT_FOUND.into()),
    }
}
