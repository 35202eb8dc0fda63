//! `failureHandling` in requests and replies (docs/apis/socotra.md).

use serde::Serialize;

use super::{EndpointBody, EndpointChanges, Given, RetryBody, RetryChanges, Sight};
use crate::{
    api::common::{Object, Problems},
    domain::{FailurePolicy, Trigger},
};

/// A FailureHandlingResponse.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "FailureHandlingResponse"))]
pub struct FailureHandlingBody<'a> {
    alert_endpoint: Option<EndpointBody<'a>>,
    divert: bool,
    suspend: bool,
    triggers: &'a [Trigger],
    retry_strategy: Option<RetryBody>,
}

impl<'a> FailureHandlingBody<'a> {
    /// Builds the reply for a policy, with as much of it as `sight` allows.
    pub(super) fn new(policy: &'a FailurePolicy, sight: Sight) -> Self {
        let alert = policy.alert_endpoint.as_ref();
        Self {
            alert_endpoint: alert.map(|endpoint| EndpointBody::new(endpoint, sight.reads, sight.alert)),
            divert: policy.divert,
            suspend: policy.suspend,
            triggers: &policy.triggers,
            retry_strategy: policy.retry.map(RetryBody::from),
        }
    }
}

/// The part of a request that describes the failure policy: either a new policy or changes to an existing one.
#[derive(Clone, Debug)]
pub struct FailureHandlingChanges {
    remove_alert_endpoint: bool,
    alert_endpoint: Option<EndpointChanges>,
    divert: Option<bool>,
    suspend: Option<bool>,
    /// All triggers of a new policy.
    triggers: Option<Vec<Trigger>>,
    remove_triggers: Vec<Trigger>,
    add_triggers: Vec<Trigger>,
    remove_retry: bool,
    retry: Option<RetryChanges>,
}

impl FailureHandlingChanges {
    /// Parses a FailureHandlingCreateRequest. Missing members have the values of the default policy.
    pub(super) fn of_new(object: &Object<'_>, problems: &mut Problems) -> Self {
        let alert_endpoint = object.object("alertEndpoint", problems);
        Self {
            alert_endpoint: alert_endpoint.map(|endpoint| EndpointChanges::of_new(&endpoint, problems)),
            triggers: triggers(object, "triggers", problems),
            ..Self::common(object, problems)
        }
    }

    /// Parses a FailureHandlingUpdateRequest.
    pub(super) fn of_update(object: &Object<'_>, problems: &mut Problems) -> Self {
        let alert_endpoint = object.object("alertEndpoint", problems);
        Self {
            remove_alert_endpoint: object.boolean("removeAlertEndpoint", problems).unwrap_or(false),
            alert_endpoint: alert_endpoint.map(|endpoint| EndpointChanges::of_update(&endpoint, problems)),
            remove_triggers: triggers(object, "removeTriggers", problems).unwrap_or_default(),
            add_triggers: triggers(object, "addTriggers", problems).unwrap_or_default(),
            remove_retry: object.boolean("removeRetryStrategy", problems).unwrap_or(false),
            ..Self::common(object, problems)
        }
    }

    fn common(object: &Object<'_>, problems: &mut Problems) -> Self {
        let retry = object.object("retryStrategy", problems);
        Self {
            remove_alert_endpoint: false,
            alert_endpoint: None,
            divert: object.boolean("divert", problems),
            suspend: object.boolean("suspend", problems),
            triggers: None,
            remove_triggers: Vec::new(),
            add_triggers: Vec::new(),
            remove_retry: false,
            retry: retry.map(|retry| RetryChanges::read(&retry, problems)),
        }
    }

    /// Returns which parts of the `alertEndpoint` the request sets.
    pub(super) fn given(&self) -> Given {
        self.alert_endpoint.as_ref().map(EndpointChanges::given).unwrap_or_default()
    }

    /// Returns what the request says about the alert endpoint, if anything.
    pub(super) fn alert_endpoint(&self) -> Option<&EndpointChanges> {
        self.alert_endpoint.as_ref()
    }

    /// Applies the changes to the policy, removals first.
    pub(super) fn apply(&self, policy: &mut FailurePolicy, problems: &mut Problems) {
        let alert_endpoint = policy.alert_endpoint.take().filter(|_| !self.remove_alert_endpoint);
        policy.alert_endpoint = match &self.alert_endpoint {
            Some(changes) => Some(changes.apply(alert_endpoint, problems)),
            None => alert_endpoint,
        };
        let retry = policy.retry.filter(|_| !self.remove_retry);
        policy.retry = self.retry.as_ref().map_or(retry, |changes| changes.apply(retry, problems));
        policy.divert = self.divert.unwrap_or(policy.divert);
        policy.suspend = self.suspend.unwrap_or(policy.suspend);
        if let Some(triggers) = &self.triggers {
            policy.triggers.clone_from(triggers);
        }
        policy.triggers.retain(|trigger| !self.remove_triggers.contains(trigger));
        for trigger in &self.add_triggers {
            if !policy.triggers.contains(trigger) {
                policy.triggers.push(*trigger);
            }
        }
    }
}

/// Reads a list of triggers without repetitions. Its length needs no limit, because only so many triggers exist.
fn triggers(object: &Object<'_>, name: &str, problems: &mut Problems) -> Option<Vec<Trigger>> {
    let mut found = Vec::new();
    for text in object.texts(name, problems)? {
        match text.parse() {
            Ok(trigger) if found.contains(&trigger) => {}
            Ok(trigger) => found.push(trigger),
            Err(_) => {
                problems.add(object.place(name), "must be 4xx, 5xx, timeout or a status from 400 to 599");
                break;
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::socotra::SocotraFailure;

    fn applied(policy: Option<FailurePolicy>, body: &Value) -> Result<FailurePolicy, SocotraFailure> {
        let (object, mut problems) = (Object::body(body)?, Problems::default());
        let changes = match policy {
            None => FailureHandlingChanges::of_new(&object, &mut problems),
            Some(_) => FailureHandlingChanges::of_update(&object, &mut problems),
        };
        problems.finish::<_, SocotraFailure>(())?;
        let (mut policy, mut problems) = (policy.unwrap_or_default(), Problems::default());
        changes.apply(&mut policy, &mut problems);
        problems.finish(policy)
    }

    fn shown(policy: &FailurePolicy) -> String {
        serde_json::to_string(&FailureHandlingBody::new(policy, Sight::READING)).unwrap()
    }

    #[test]
    fn nothing_said_is_indifferent() {
        let policy = applied(None, &json!({})).unwrap();
        assert_eq!(policy, FailurePolicy::default());
        insta::assert_snapshot!(shown(&policy), @r#"{"alertEndpoint":null,"divert":false,"suspend":false,"triggers":["4xx","5xx","timeout"],"retryStrategy":null}"#);
    }

    #[test]
    fn removals_come_first_at_every_level() {
        let new = json!({"triggers": ["404", "404", "5xx"], "divert": true, "suspend": true,
            "retryStrategy": {"type": "linear", "interval": 60, "attempts": 5},
            "alertEndpoint": {"url": "https://example.com/a", "headers": {"x": ["1"]}, "tag": "ops"}});
        let policy = applied(None, &new).unwrap();
        insta::assert_snapshot!(shown(&policy), @r#"{"alertEndpoint":{"url":"https://example.com/a","headers":{"x":["1"]},"secureSsl":true,"hmacEnabled":false,"secret":null,"tag":"ops"},"divert":true,"suspend":true,"triggers":["404","5xx"],"retryStrategy":{"type":"linear","interval":60,"attempts":5}}"#);
        let update = json!({"removeTriggers": ["404", "5xx"], "addTriggers": ["5xx", "timeout"], "divert": false,
            "removeRetryStrategy": true, "retryStrategy": {"type": "exponential", "interval": 5},
            "removeAlertEndpoint": true, "alertEndpoint": {"url": "https://example.com/b"}});
        let policy = applied(Some(policy), &update).unwrap();
        insta::assert_snapshot!(shown(&policy), @r#"{"alertEndpoint":{"url":"https://example.com/b","headers":{},"secureSsl":true,"hmacEnabled":false,"secret":null,"tag":null},"divert":false,"suspend":true,"triggers":["5xx","timeout"],"retryStrategy":{"type":"exponential","interval":5,"attempts":3}}"#);
        let update = json!({"retryStrategy": {"attempts": 10}, "alertEndpoint": {"tag": "t"}});
        let policy = applied(Some(policy), &update).unwrap();
        assert_eq!(policy.retry.map(|retry| (retry.interval_s, retry.attempts)), Some((5, 10)));
        let removed = json!({"removeRetryStrategy": true, "removeAlertEndpoint": true});
        let policy = applied(Some(policy), &removed).unwrap();
        assert!(policy.retry.is_none() && policy.alert_endpoint.is_none());
    }

    #[test]
    fn everything_wrong_is_said_with_its_place() {
        let fields = |policy, body: Value| match applied(policy, &body) {
            Err(SocotraFailure::Invalid(errors)) => {
                errors.into_iter().map(|error| error.field).collect::<Vec<_>>().join(" ")
            }
            other => format!("{other:?}"),
        };
        let wrong = json!({"triggers": ["3xx"], "divert": 1, "suspend": "no", "alertEndpoint": [],
            "retryStrategy": {"type": "x", "interval": 0, "attempts": 11}});
        let all =
            "alertEndpoint triggers divert suspend retryStrategy.type retryStrategy.interval retryStrategy.attempts";
        assert_eq!(fields(None, wrong), all);
        assert_eq!(fields(None, json!({"retryStrategy": {}})), "retryStrategy.type retryStrategy.interval");
        let from_nothing = json!({"removeRetryStrategy": true, "retryStrategy": {"attempts": 2}, "alertEndpoint": {}});
        let policy = applied(None, &json!({"retryStrategy": {"type": "linear", "interval": 1}})).ok();
        assert_eq!(fields(policy, from_nothing), "alertEndpoint.url retryStrategy.type retryStrategy.interval");
        for interval in [json!(-1), json!(86_401), json!(1.5), json!("1")] {
            let body = json!({"retryStrategy": {"type": "linear", "interval": interval}});
            assert!(applied(None, &body).is_err(), "{body}");
        }
    }
}
