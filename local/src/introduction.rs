//! What a user of a fresh stack is told: where everything is, and lines to paste.

use shared::domain::EventSource;

use crate::{demo, seed::Ready};

/// Where everything is.
#[must_use]
pub fn places(ready: &Ready) -> String {
    let Ready { gateway, slack, dynamodb, .. } = ready;
    format!(
        "Outhook is at {gateway}, what it sends to Slack at {slack}, DynamoDB at {dynamodb}. Ctrl-C stops it.\n\
         The APIs are described at {slack}/openapi.\n\
         Create a webhook, have it hear of new projects, publish an activity, and read the message that it became:"
    )
}

/// Lines for bash, one after the other. They take ids from replies, so that they do the same at every start.
#[must_use]
pub fn lines(ready: &Ready) -> [String; 5] {
    let Ready { gateway, slack, tokens, .. } = ready;
    let post = "curl -s -H \"Authorization: Token $OUTHOOK_TOKEN\" -H 'Content-Type: application/json'";
    let url = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";
    let webhook = format!("{{\"name\": \"Engineering\", \"url\": \"{url}\"}}");
    let id = "grep -o '\"id\": *[0-9]*' | head -n 1 | grep -o '[0-9]*'";
    let source = EventSource::CreatedProjectActivity.as_str();
    let activity = demo::activity();
    [
        format!("export OUTHOOK={gateway} OUTHOOK_TOKEN={}", tokens.super_user),
        format!("export WEBHOOK=$({post} $OUTHOOK/api/v2/webhooks/ -d '{webhook}' | {id}); echo \"webhook $WEBHOOK\""),
        format!("{post} $OUTHOOK/api/v2/webhooks/$WEBHOOK/configs/ -d '{{\"event_source\": \"{source}\"}}'"),
        format!("{post} $OUTHOOK/api/v2/projects/11/activities/ -d '{activity}'"),
        format!("curl -s {slack}/messages"),
    ]
}
