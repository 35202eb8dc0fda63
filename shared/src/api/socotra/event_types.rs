//! The event types that a webhook wants. They are compared exactly: the documents' own casing varies (docs/apis/socotra.md).

use std::collections::BTreeSet;

use super::object::{Object, Problems};
use crate::{
    domain::{Pattern, Subscription, Webhook},
    validation::event_type,
};

/// The types that the webhook wants, in the order in which they were added.
pub(super) fn event_types_of(webhook: &Webhook) -> impl Iterator<Item = &str> {
    webhook.subscriptions.iter().map(|subscription| match &subscription.pattern {
        Pattern::Exact(event_type) | Pattern::Prefix(event_type) => event_type.as_str(),
    })
}

/// What a request wants of them.
#[derive(Clone, Debug)]
pub(super) struct EventTypeChanges {
    added_in: &'static str,
    add: Vec<String>,
    remove: BTreeSet<String>,
}

impl EventTypeChanges {
    /// `eventTypes` of a new webhook.
    pub(super) fn of_new(object: &Object<'_>, problems: &mut Problems) -> Self {
        Self { remove: BTreeSet::new(), ..Self::read(object, "eventTypes", problems) }
    }

    /// `removeEventTypes` and `addEventTypes`. What is to be removed need not be well formed: it is then not there.
    pub(super) fn of_update(object: &Object<'_>, problems: &mut Problems) -> Self {
        let remove = object.texts("removeEventTypes", problems).unwrap_or_default();
        let remove = remove.into_iter().map(str::to_owned).collect();
        Self { remove, ..Self::read(object, "addEventTypes", problems) }
    }

    /// Each type once, in the order of the first mention.
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

    /// Applies the changes, removals first.
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

/// What is said of more than [`Webhook::MAX_SUBSCRIPTIONS`].
pub(super) const TOO_MANY: &str = "a webhook has at most 40 event types";

fn wanted(event_type: String) -> Subscription {
    Subscription { pattern: Pattern::Exact(event_type), active: true, configuration: None }
}
