//! Sends finished deliveries again, as the operations API does.

use serde_json::{Map, Value, json};
use shared::api::operations::ResendRequest;

use crate::{
    arguments::ResendArguments,
    deliveries::missing_delivery,
    failure::{BoxError, missing_webhook, refused},
    screen::Screen,
    stack::Stack,
};

/// Sends one delivery again, or those that the arguments select.
pub(crate) async fn run(stack: &Stack, screen: &mut Screen<'_>, wanted: &ResendArguments) -> Result<(), BoxError> {
    let key = &wanted.webhook;
    let (organization, webhook) = stack.webhook(&wanted.owner, key).await?;
    if let Some(event) = wanted.event {
        let resent = stack.app.resend_one(&organization, &webhook, event).await;
        let body = resent.map_err(|failure| refused(failure, || missing_delivery(key, event)))?;
        return screen.result(&body, format!("Event {event} is queued again for {key}.\n"));
    }
    let missing = || missing_webhook(&organization.id, key);
    let members = [("state", &wanted.state), ("after", &wanted.after), ("before", &wanted.before)];
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))));
    let mut body: Map<String, Value> = members.collect();
    body.insert("dry_run".to_owned(), json!(wanted.dry_run));
    let request = ResendRequest::parse(&Value::Object(body), stack.store().clock().now());
    let request = request.map_err(|failure| refused(failure, missing))?;
    let body = stack.app.resend_many(&webhook, &request).await.map_err(|failure| refused(failure, missing))?;
    let least = if body.more { "at least " } else { "" };
    let text = match (body.matching, wanted.dry_run) {
        (0, _) => format!("No delivery of {key} matches.\n"),
        (count, true) => {
            format!("Deliveries of {key} that match: {least}{count}. Without --dry-run they are sent again.\n")
        }
        (count, false) => format!("Deliveries of {key} that will be sent again: {least}{count}.\n"),
    };
    screen.result(&body, text)
}
