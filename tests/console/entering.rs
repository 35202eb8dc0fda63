//! Entering with a key or a link, being known, and leaving.

use std::time::Duration;

use serde_json::json;
use shared::{
    domain::{OrganizationId, Permission, Session, Timestamp, Token, Visitor},
    store::Store,
};

use super::{Browser, CONSOLE, cookie_of, enter, location};
use crate::support::{Reply, World};

async fn link(world: &World, body: serde_json::Value) -> String {
    let made = world.call("POST", "/operations/portal", Some(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let url = made.json()["url"].as_str().unwrap().to_owned();
    url.strip_prefix(world.stack.ready().gateway.as_str()).unwrap().to_owned()
}

async fn open(world: &World, path: &str) -> Reply {
    world.raw("GET", path, &[], "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_enters_and_is_kept_nowhere() {
    let world = World::new().await;
    let first = open(&world, "/console/webhooks?state=paused").await;
    assert_eq!((first.status, location(&first).as_str()), (303, "/console/enter?next=%2Fwebhooks%3Fstate%3Dpaused"));
    let form = open(&world, "/console/enter?next=%2Fwebhooks%3Fstate%3Dpaused").await;
    assert!(form.text.contains(r#"name="next" value="/webhooks?state=paused""#));
    let reply = enter(&world, &world.token).await;
    assert_eq!((reply.status, location(&reply).as_str()), (303, CONSOLE));
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    for part in ["; Path=/console;", "; Max-Age=28800;", "; HttpOnly;", "; Secure;", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains(&world.token) && !reply.text.contains(&world.token));
    let browser = Browser::enter(&world).await;
    let page = browser.get("").await;
    assert!(page.text.contains("Overview") && !page.text.contains(&world.token), "{}", page.text);
    let text = cookie_of(&reply);
    let text = text.split_once('=').unwrap().1;
    let stored =
        format!("{:?}", world.stack.database().scan().table_name(world.stack.table("WebhooksTable")).send().await);
    assert!(stored.contains("SESSION#") && !stored.contains(text), "the session is stored as a hash");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_look_does_not_enter() {
    let world = World::new().await;
    for (key, status, words) in [
        ("", 401, "This key is not valid"),
        ("oh_acme_0123456789012345678901234567890123456789012", 401, "This key is not valid"),
        (world.stack.ready().tokens.member.as_str(), 403, "does not have the permission operations:read"),
    ] {
        let reply = enter(&world, key).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        assert!(reply.text.contains(words) && !reply.headers.contains_key("set-cookie"), "{}", reply.text);
        assert!(key.is_empty() || !reply.text.contains(key));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_enters_once_as_the_user_it_names() {
    let world = World::new().await;
    let path = link(&world, json!({"user": "ann", "expires_in": 600})).await;
    let looked = world.raw("HEAD", &path, &[], "").await;
    let fetched = world.raw("GET", &path, &[("Sec-Purpose", "prefetch")], "").await;
    assert_eq!((looked.status, fetched.status), (200, 200), "who only looks at links does not use them up");
    let entered = open(&world, &path).await;
    assert_eq!(entered.status, 200, "{}", entered.text);
    assert!(entered.text.contains(r#"<meta http-equiv="refresh" content="0;url=/console">"#), "{}", entered.text);
    assert!(entered.headers["set-cookie"].to_str().unwrap().contains("Max-Age=600;"));
    let browser = Browser { world: &world, cookie: cookie_of(&entered), token: String::new() };
    let page = browser.page("/webhooks").await;
    assert!(page.contains("ann") && !page.contains("New webhook"), "a reader sees no buttons");
    let again = open(&world, &path).await;
    assert_eq!(again.status, 401);
    assert!(again.text.contains("This link was used already") && !again.headers.contains_key("set-cookie"));
    let blind = link(&world, json!({"user": "ann", "permissions": ["operations:write"]})).await;
    assert!(open(&world, &blind).await.text.contains("does not have the permission operations:read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_ends_the_session_everywhere() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    let left = browser.post("/leave", &[]).await;
    assert_eq!((left.status, location(&left).as_str()), (303, "/console/enter?done=left"));
    assert!(left.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0;"));
    assert!(open(&world, "/console/enter?done=left").await.text.contains("The session has ended"));
    let after = browser.get("/webhooks").await;
    assert_eq!((after.status, location(&after).as_str()), (303, "/console/enter?next=%2Fwebhooks&why=ended"));
    assert!(open(&world, "/console/enter?why=ended").await.text.contains("Your session has ended."));
}

/// A session of that token that began then and lasts an hour.
async fn session(store: &Store, token: &Token, began: Timestamp) -> String {
    let visitor = Visitor {
        organization: token.organization.clone(),
        user: "ann".to_owned(),
        token: token.id.clone(),
        permissions: vec![Permission::OperationsRead],
    };
    let (text, session) = Session::begin(visitor, Duration::from_secs(3_600), store.random(), began);
    store.put_session(&session).await.unwrap();
    format!("outhook_session={text}")
}

async fn status(world: &World, cookie: &str) -> u16 {
    world.raw("GET", CONSOLE, &[("Cookie", cookie)], "").await.status
}

/// The stored token of that user.
async fn token_of(store: &Store, organization: &OrganizationId, user: &str) -> Token {
    store.tokens(organization).await.unwrap().into_iter().find(|token| token.user == user).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself() {
    let world = World::new().await;
    let store = world.stack.store();
    let acme = OrganizationId::parse(&world.stack.ready().organization).unwrap();
    let (token, now) = (token_of(&store, &acme, "admin").await, store.clock().now());
    let running = session(&store, &token, now).await;
    let ended = session(&store, &token, Timestamp(now.0 - 3_600_001)).await;
    assert_eq!((status(&world, &running).await, status(&world, &ended).await), (200, 303));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_leaves_no_way_in() {
    let world = World::new().await;
    let store = world.stack.store();
    let acme = OrganizationId::parse(&world.stack.ready().organization).unwrap();
    let key = world.user_of(&acme, "ben", Permission::ALL).await;
    let browser = Browser::enter_with(&world, &key).await;
    let other = Browser::enter(&world).await;
    let body = json!({"user": "ann", "permissions": ["operations:read"]});
    let made = world.call_as(&key, "POST", "/operations/portal", Some(&body)).await.json()["url"].clone();
    let path = made.as_str().unwrap().strip_prefix(world.stack.ready().gateway.as_str()).unwrap().to_owned();
    let id = token_of(&store, &acme, "ben").await.id;
    assert!(store.revoke_token(&acme, &id).await.unwrap());
    assert_eq!(browser.get("").await.status, 303, "the session that it began");
    assert_eq!(browser.post("/events/test", &[]).await.status, 303, "its forms");
    // The link that it made, and the key itself while a warm function still knows it.
    let entered = [open(&world, &path).await, enter(&world, &key).await];
    for reply in entered.iter().filter(|reply| reply.headers.contains_key("set-cookie")) {
        assert_eq!(status(&world, &cookie_of(reply)).await, 303, "a session of a revoked key");
    }
    assert_eq!(other.get("").await.status, 200, "others go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_guess_uses_up_no_attempts() {
    let world = World::new().await;
    for _ in 0..12 {
        assert_eq!(enter(&world, &world.token).await.status, 303, "valid keys");
    }
    let link = format!("/console/enter?ticket={}", "x".repeat(43));
    for path in ["/console/enter?ticket=", "/console/enter?ticket=x", &link] {
        for _ in 0..32 {
            // A page of somebody else shows the link as a picture.
            let picture = [("Sec-Fetch-Dest", "image"), ("Sec-Fetch-Site", "cross-site")];
            assert_eq!(world.raw("GET", path, &picture, "").await.status, 200);
        }
    }
    for _ in 0..31 {
        assert_eq!(open(&world, "/console/enter?ticket=x").await.status, 401, "no ticket has this form");
    }
    let mut statuses = Vec::new();
    for _ in 0..31 {
        statuses.push(open(&world, &link).await.status);
    }
    assert_eq!((statuses[29], statuses[30]), (401, 429), "guesses of tickets are limited");
    assert_eq!(enter(&world, &world.token).await.status, 303, "by themselves");
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_limited_by_the_keys_beginning_and_by_address() {
    let world = World::new().await;
    let wrong = |last: u32| format!("oh_acme_abcd{last:039}");
    let mut statuses = Vec::new();
    for number in 0..11 {
        statuses.push(enter(&world, &wrong(number)).await.status);
    }
    assert_eq!((&statuses[..10], statuses[10]), (&[401; 10][..], 429));
    // Another key is not held up by that.
    assert_eq!(enter(&world, &world.token).await.status, 303);
    let mut last = None;
    for _ in 0..30 {
        last = Some(enter(&world, "x").await);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429, "the address has used up its attempts");
    let seconds: u64 = last.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=600).contains(&seconds) && last.text.contains("There were too many attempts to enter."));
}
