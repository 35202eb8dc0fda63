//! The operations API: docs/operations.md.

mod budgets;
mod deliveries;
mod documented;
mod end_to_end;
mod events;
mod notifications;
mod rotation;
mod webhooks;

use serde_json::{Value, json};
use shared::domain::Permission;

use crate::support::{Reply, World};

const WEBHOOKS: &str = "/operations/webhooks";
const PROJECT: &str = "665f1c2ab7e9d0a1b2c3d4e5";

/// Asks as the super user.
async fn ask(world: &World, method: &str, path: &str, body: Value) -> Reply {
    world.ask(&world.token, method, path, Some(&body).filter(|body| !body.is_null())).await
}

/// The body of a reply that must be a success.
async fn done(world: &World, method: &str, path: &str, body: Value) -> Value {
    let reply = ask(world, method, path, body).await;
    assert!((200..300).contains(&reply.status), "{method} {path}: {} {}", reply.status, reply.text);
    reply.json()
}

/// Status and body of a reply, in which the ids of webhooks are alike too.
fn shown(reply: &Reply) -> String {
    let ids = regex::Regex::new("(flip|akinon|socotra|operations):[0-9A-Za-z-]+").unwrap();
    ids.replace_all(&reply.shown(), "$1:[id]").into_owned()
}

/// Makes a webhook of each API, all of which want `chat.message`, in any project or in [`PROJECT`]. Returns their ids.
async fn one_of_each(world: &World) -> [String; 5] {
    let ready = world.stack.ready();
    let wanted = json!(["chat.message"]);
    let url = |api: &str| format!("https://{api}.example/hooks/token-of-{api}");
    let slack = json!({"name": "Slack", "url": crate::support::slack_url("X")});
    let slack = done(world, "POST", "/api/v2/webhooks/", slack).await["id"].to_string();
    let source = json!({"event_source": "CreatedProjectActivity"});
    done(world, "POST", &format!("/api/v2/webhooks/{slack}/configs/"), source).await;
    let flip = json!({"url": url("flip"), "subscription": {"event_types": wanted}});
    let flip = done(world, "POST", "/api/webhooks/v4/webhooks", flip).await;
    let list = format!("/organizations/{}/projects/{PROJECT}/settings/webhooks", ready.akinon_organization);
    let akinon =
        json!({"name": "Akinon", "url": url("akinon"), "events": wanted, "headers": {"X-Key": "header-secret"}});
    let akinon = done(world, "POST", &list, akinon).await;
    let list = format!("/event/{}/webhooks", ready.socotra_tenant);
    let endpoint = json!({"url": url("socotra"), "headers": {"X-Key": ["header-secret", "another-secret"]},
        "hmacEnabled": true, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
    let socotra = json!({"name": "Socotra", "enabled": true, "endpoint": endpoint, "eventTypes": wanted,
        "failureHandling": {"triggers": ["4xx"], "divert": true, "suspend": false}});
    let socotra = done(world, "POST", &list, socotra).await;
    let target = json!({"kind": "webhook", "name": "Target", "url": url("target")});
    let target = done(world, "POST", "/operations/notifications", target).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    [
        format!("sdelements:{slack}"),
        format!("flip:{}", text(&flip["id"])),
        format!("akinon:{}", text(&akinon["_id"])),
        format!("socotra:{}", text(&socotra["locator"])),
        format!("operations:{}", text(&target["id"])),
    ]
}

/// The key of a user of another organization, who may do everything there.
async fn foreigner(world: &World) -> String {
    let other = world.organization("other", 100).await;
    world.user_of(&other.id, "eve", Permission::ALL).await
}
