//! The event types that a webhook subscribes to. They are compared exactly, because the casing in Socotra's documents
//! varies (docs/apis/socotra.md).

use std::collections::BTreeSet;

use crate::{
    api::common::{Object, Problems},
    domain::{Pattern, Subscription, Webhook},
    validation::event_type,
};

/// Returns the webhook's event types in the order in which they were added.
pub(super) fn event_types_of(webhook: &Webhook) -> impl Iterator<Item = &str> {
    webhook.subscriptions.iter().map(|subscription| match &subscription.pattern {
        Pattern::Exact(event_type) | Pattern::Prefix(event_type) => event_type.as_str(),
    })
}

/// The changes that a request makes to the event types.
#[derive(Clone, Debug)]
pub(super) struct EventTypeChanges {
    added_in: &'static str,
    add: Vec<String>,
    remove: BTreeSet<String>,
}

impl EventTypeChanges {
    /// Parses `eventTypes` of a new webhook.
    pub(super) fn of_new(object: &Object<'_>, problems: &mut Problems) -> Self {
        Self { remove: BTreeSet::new(), ..Self::read(object, "eventTypes", problems) }
    }

    /// Parses `removeEventTypes` and `addEventTypes`. A type to remove need not be well formed: the webhook then does
    /// not have it, and nothing is removed.
    pub(super) fn of_update(object: &Object<'_>, problems: &mut Problems) -> Self {
        let remove = object.texts("removeEventTypes", problems).unwrap_or_default();
        let remove = remove.into_iter().map(str::to_owned).collect();
        Self { remove, ..Self::read(object, "addEventTypes", problems) }
    }

    /// Reads the types to add, without repetitions, in the order of their first mention.
    fn read(object: &Object<'_>, added_in: &'static str, problems: &mut Problems) -> Self {
        let (mut add, mut known) = (Vec::new(), BTreeSet::new());
        for text in object.texts(added_in, problems).unwrap_or_default() {
            if let Err(why) = event_type::check(text) {
                problems.add(object.place(added_in), why);
                break;
            }
            if known.insert(text) {
                add.push(text.to_owned());
            }
        }
        Self { added_in, add, remove: BTreeSet::new() }
    }

    /// Applies the changes to the webhook, removals first. Adds a problem if it then has too many types.
    pub(super) fn apply(&self, webhook: &mut Webhook, problems: &mut Problems) {
        let mut types: Vec<_> = event_types_of(webhook).map(str::to_owned).collect();
        types.retain(|known| !self.remove.contains(known));
        let kept: BTreeSet<_> = types.iter().cloned().collect();
        types.extend(self.add.iter().filter(|added| !kept.contains(*added)).cloned());
        if types.len() > Webhook::MAX_SUBSCRIPTIONS {
            problems.add(self.added_in, TOO_MANY);
        }
        webhook.subscriptions = types.into_iter().map(wanted).collect();
    }
}

/// The message for more than [`Webhook::MAX_SUBSCRIPTIONS`] types.
pub(super) const TOO_MANY: &str = "a webhook has at most 40 event types";

fn wanted(event_type: String) -> Subscription {
    Subscription::new(Pattern::Exact(event_type))
}
