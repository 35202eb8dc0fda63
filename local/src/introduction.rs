//! The text that `cargo local` prints when it is up: where everything is, lines to paste, and how to stop.

use shared::domain::EventSource;

use crate::{demo, seed::Ready};

/// The whole text. `building` is the number of functions that are still being built.
#[must_use]
pub fn text(ready: &Ready, building: usize) -> String {
    let Ready { gateway, slack, dynamodb, console_ticket, .. } = ready;
    let console = console_ticket.expose();
    let wait = match building {
        0 => String::new(),
        _ => format!(
            "Cargo builds what has changed of the other {building} functions, which takes up to two minutes at the first start. A\n\
             request to one of them waits until then.\n\n"
        ),
    };
    format!(
        "\nOpen the console: {console}\n\
         The link works once, within five minutes; {slack}/console-link makes another at any time.\n\n\
         Outhook serves its APIs at {gateway}, the stand-in for Slack at {slack}, DynamoDB at {dynamodb}.\n\
         Open {slack} to see what arrives, and {slack}/openapi for the APIs.\n\n\
         Paste this into bash: it creates a webhook, subscribes it to new projects, publishes an activity, and shows the\n\
         message that Slack gets.\n\n\
         {}\n\n\
         {wait}Press Ctrl-C to stop.\n",
        lines(ready).join("\n")
    )
}

/// Lines for bash. They take ids from replies, and a new Slack URL each time, so that they do the same at every start
/// and however often they are pasted.
#[must_use]
pub fn lines(ready: &Ready) -> [String; 6] {
    let Ready { gateway, slack, tokens, .. } = ready;
    let post = r#"curl -sS -w '\n' -H "Authorization: Token $OUTHOOK_TOKEN" -H 'Content-Type: application/json'"#;
    let id = "grep -o '\"id\": *[0-9]*' | head -n 1 | grep -o '[0-9]*'";
    let source = EventSource::CreatedProjectActivity.as_str();
    let activity = demo::activity();
    [
        format!("export OUTHOOK={gateway} OUTHOOK_TOKEN={} OUTHOOK_SLACK={slack}", tokens.super_user),
        "export HOOK=/services/T00000000/B$RANDOM$RANDOM/XXXXXXXXXXXXXXXXXXXXXXXX".to_owned(),
        format!(
            r#"export WEBHOOK=$({post} $OUTHOOK/api/v2/webhooks/ -d '{{"name": "Engineering", "url": "https://hooks.slack.com'$HOOK'"}}' | {id})"#
        ),
        format!(r#"{post} $OUTHOOK/api/v2/webhooks/$WEBHOOK/configs/ -d '{{"event_source": "{source}"}}'"#),
        format!("{post} $OUTHOOK/api/v2/projects/11/activities/ -d '{activity}'"),
        r#"curl -sS -w '\n' "$OUTHOOK_SLACK/messages?wait=30&path=$HOOK""#.to_owned(),
    ]
}
