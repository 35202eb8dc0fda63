//! Subscriptions. Each event type is named exactly or by a prefix of its dotted segments (docs/apis/flip.md).

use serde_json::Value;

use super::failure::{Code, FlipFailure};
use crate::{
    api::common::event_types,
    domain::{Pattern, Subscription, Webhook},
};

/// Parses `{"event_types": ["chat", "hr.absence-request.created"]}`. It must list 1 to 40 event types; repetitions are
/// dropped. One may be a prefix of another: an event that matches both is still delivered only once.
///
/// # Errors
///
/// 400 with INVALID_SUBSCRIPTION.
pub(super) fn parse(value: Option<&Value>) -> Result<Vec<Subscription>, FlipFailure> {
    let wrong = |field, why: String| FlipFailure::Field(Code::InvalidSubscription, field, why);
    let Some(Value::Object(fields)) = value else {
        let why = if value.is_none() { "a subscription is required" } else { "the subscription is not an object" };
        return Err(wrong("subscription", why.to_owned()));
    };
    let field = "subscription.event_types";
    let types = fields.get("event_types").ok_or_else(|| wrong(field, "event types are required".to_owned()))?;
    let types = event_types(types).map_err(|bad| wrong(field, bad.to_string()))?;
    if types.is_empty() {
        return Err(wrong(field, "at least one event type is needed".to_owned()));
    }
    // Events are looked up by at most this many leading segments, so a longer prefix would never match.
    if types.iter().any(|text| text.split('.').count() > Pattern::MAX_PREFIX_SEGMENTS) {
        return Err(wrong(field, "an event type has at most 8 segments".to_owned()));
    }
    let wanted = |text| Subscription::new(Pattern::Prefix(text));
    Ok(types.into_iter().map(wanted).collect())
}

/// Returns the event types as the owner wrote them.
pub(super) fn shown(webhook: &Webhook) -> Vec<&str> {
    webhook.subscriptions.iter().map(|subscription| subscription.pattern.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn patterns(value: &Value) -> Result<Vec<Pattern>, String> {
        match parse(Some(value)) {
            Ok(all) => Ok(all.into_iter().map(|subscription| subscription.pattern).collect()),
            Err(FlipFailure::Field(Code::InvalidSubscription, field, why)) => Err(format!("{field}: {why}")),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn types_and_prefixes_are_kept_once_in_their_order() {
        let value = json!({"event_types": ["chat.message", "chat", "chat.message"], "more": 1});
        let wanted = ["chat.message", "chat"].map(|text| Pattern::Prefix(text.to_owned()));
        assert_eq!(patterns(&value), Ok(wanted.to_vec()));
    }

    #[test]
    fn what_is_no_subscription_is_refused() {
        let nine = json!({"event_types": ["a.b.c.d.e.f.g.h.i"]});
        for (value, why) in [
            (json!(null), "subscription: the subscription is not an object"),
            (json!(["chat"]), "subscription: the subscription is not an object"),
            (json!({}), "subscription.event_types: event types are required"),
            (json!({"event_types": []}), "subscription.event_types: at least one event type is needed"),
            (json!({"event_types": "chat"}), "subscription.event_types: a list of strings is expected"),
            (json!({"event_types": null}), "subscription.event_types: a list of strings is expected"),
            (nine, "subscription.event_types: an event type has at most 8 segments"),
        ] {
            assert_eq!(patterns(&value), Err(why.to_owned()), "{value}");
        }
        assert!(matches!(parse(None), Err(FlipFailure::Field(Code::InvalidSubscription, "subscription", _))));
    }

    proptest! {
        /// The index finds each accepted subscription exactly where it matches.
        #[test]
        fn what_is_accepted_can_match(text in "[ab]{1,2}(\\.[ab]{1,2}){0,9}", event in "[ab]{1,2}(\\.[ab]{1,2}){0,9}") {
            if let Ok(patterns) = patterns(&json!({"event_types": [text]})) {
                let found = Pattern::all_matching(&event).contains(&patterns[0]);
                prop_assert_eq!(found, patterns[0].matches(&event));
            }
        }
    }
}
