//! What an attacker may try, and does not get.

use serde_json::json;
use shared::domain::Permission;

use super::{Browser, CONSOLE, FORM, enter, form, location, webhook_that_gets};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn another_organizations_ids_lead_nowhere() {
    let world = World::new().await;
    let webhook = webhook_that_gets(&world, "X", 400).await;
    let event = world.publish("1").await;
    let delivery = format!("/webhooks/{webhook}/deliveries/{event}");
    world.eventually(&format!("/operations{delivery}"), |delivery| delivery["state"] == "diverted").await;
    let body = json!({"kind": "webhook", "name": "n", "url": "https://t.example/x"});
    let target =
        world.call("POST", "/operations/notifications", Some(&body)).await.json()["id"].as_str().unwrap().to_owned();
    let other = world.organization("other", 100).await;
    let key = world.user_of(&other.id, "eve", Permission::ALL).await;
    let eve = Browser::enter_with(&world, &key).await;
    for path in [
        format!("/webhooks/{webhook}"),
        format!("/webhooks/{webhook}/resend"),
        format!("/webhooks/{webhook}/rotate-secret"),
        delivery.clone(),
        format!("/events/{event}"),
        format!("/notifications/{target}"),
    ] {
        let reply = eve.get(&path).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.text);
        assert!(!reply.text.contains("hooks.slack.com"));
    }
    for path in [
        format!("/webhooks/{webhook}/pause"),
        format!("/webhooks/{webhook}/unsuspend"),
        format!("/webhooks/{webhook}/test"),
        format!("/webhooks/{webhook}/rotate-secret"),
        format!("/webhooks/{webhook}/resend"),
        format!("{delivery}/resend"),
        format!("{delivery}/delete"),
        format!("/notifications/{target}"),
        format!("/notifications/{target}/delete"),
    ] {
        let reply = eve.post(&path, &[("sure", "yes"), ("state", "diverted"), ("overlap_hours", "0")]).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.text);
    }
    let page = eve.page("/webhooks").await;
    assert!(page.contains("There are no webhooks yet."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_changes_nothing() {
    let world = World::new().await;
    let webhook = webhook_that_gets(&world, "X", 200).await;
    let browser = Browser::enter(&world).await;
    let gateway = world.stack.ready().gateway.clone();
    let pause = format!("/webhooks/{webhook}/pause");
    let token = browser.token.as_str();
    let other = Browser::enter(&world).await;
    for (fields, origin) in [
        (vec![], gateway.as_str()),
        (vec![("token", "")], &gateway),
        (vec![("token", "0123456789abcdef0123456789abcdef")], &gateway),
        // The token of another session of the same user.
        (vec![("token", other.token.as_str())], &gateway),
        (vec![("token", token)], "https://evil.example"),
        (vec![("token", token)], "null"),
        (vec![("token", token)], &gateway.replace("http://", "https://")),
    ] {
        let reply = browser.send(&pause, &fields, origin).await;
        // The local stack itself refuses an origin that is not its own.
        assert_eq!(reply.status, 403, "{fields:?} {origin}: {}", reply.text);
    }
    let state = world.call("GET", &format!("/operations/webhooks/{webhook}"), None).await.json()["state"].clone();
    assert_eq!(state, "delivering");
    // Without a session, the token is worth nothing.
    let headers = [("Origin", gateway.as_str()), FORM];
    let reply = world.raw("POST", &format!("{CONSOLE}{pause}"), &headers, &form(&[("token", token)])).await;
    assert_eq!((reply.status, location(&reply).as_str()), (303, "/console/enter"));
    assert!(browser.done(&pause, &[]).await.contains("Paused."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_cookie_enters_nothing() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    let (name, text) = browser.cookie.split_once('=').unwrap();
    let (organization, random) = text.split_once('.').unwrap();
    let (token, random) = random.split_once('.').unwrap();
    let organization = format!("{organization}.{token}");
    let other = world.organization("other", 100).await;
    let flipped = random.strip_prefix('A').map_or_else(|| format!("A{}", &random[1..]), |rest| format!("B{rest}"));
    for cookie in [
        String::new(),
        format!("{name}="),
        format!("{name}={organization}."),
        format!("{name}={organization}.{flipped}"),
        format!("{name}={}.{token}.{random}", other.id),
        format!("{name}={organization}"),
        format!("{name}={}.0123456789ab.{random}", world.stack.ready().organization),
        format!("{name}={organization}.{}", &random[1..]),
        format!("{name}=../{organization}.{random}"),
        format!("{name}={}", "x".repeat(5_000)),
        format!("{name}=\"{text}\""),
    ] {
        let reply = world.raw("GET", CONSOLE, &[("Cookie", &cookie)], "").await;
        assert_eq!(reply.status, 303, "{cookie}: {}", reply.text);
        assert!(location(&reply).starts_with("/console/enter"));
    }
    assert_eq!(browser.get("").await.status, 200);
    // What another site of the same domain set comes after the own cookie.
    let tossed = format!("{}; {name}=x", browser.cookie);
    assert_eq!(world.raw("GET", CONSOLE, &[("Cookie", &tossed)], "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn tests_to_endpoints_that_are_not_stored_are_limited() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    let fields = [("api", "flip"), ("url", "https://flood.example/x"), ("types", "a"), ("do", "test")];
    let mut statuses = Vec::new();
    for _ in 0..21 {
        statuses.push(browser.post("/webhooks/new", &fields).await.status);
    }
    // Ten in a minute; a new minute may have begun meanwhile.
    assert!(statuses.contains(&429) && statuses[..10].iter().all(|status| *status == 200), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_guarded_by_its_headers() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    for path in
        ["", "/webhooks", "/webhooks/new", "/events", "/notifications", "/enter", "/nothing", "/webhooks?state=x"]
    {
        let reply = browser.get(path).await;
        let header = |name: &str| reply.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && policy.ends_with("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!reply.text.contains(" style=") && !reply.text.contains("<style") && !reply.text.contains(" onclick="));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_becomes_a_header_or_another_place() {
    let world = World::new().await;
    let gateway = world.stack.ready().gateway.clone();
    for next in
        ["https://evil.example", "//evil.example", "/\\evil.example", "/x\r\nSet-Cookie: a=b", "javascript:alert(1)"]
    {
        let headers = [("Origin", gateway.as_str()), FORM];
        let fields = form(&[("key", &world.token), ("next", next)]);
        let reply = world.raw("POST", "/console/enter", &headers, &fields).await;
        assert_eq!(reply.status, 303, "{next}");
        assert!(location(&reply).starts_with(CONSOLE) && !location(&reply).contains('\n'), "{}", location(&reply));
        assert_eq!(reply.headers.get_all("set-cookie").iter().count(), 1, "{next}");
        // Whatever follows the console's own path stays on this host.
        let page = world
            .raw("GET", &format!("/console/enter?next={}", form(&[("", next)]).trim_start_matches('=')), &[], "")
            .await;
        assert_eq!(page.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_look_is_refused_by_the_server() {
    let world = World::new().await;
    let webhook = webhook_that_gets(&world, "X", 200).await;
    let acme = shared::domain::OrganizationId::parse(&world.stack.ready().organization).unwrap();
    let key = world.user_of(&acme, "ann", &[Permission::OperationsRead]).await;
    let reader = Browser::enter_with(&world, &key).await;
    for path in ["", "/webhooks", &format!("/webhooks/{webhook}"), "/events", "/notifications"] {
        let page = reader.page(path).await;
        let forms = page.matches(r#"method="post""#).count();
        assert_eq!(forms, 1, "{path}: only the button that leaves");
    }
    for path in [
        format!("/webhooks/{webhook}/pause"),
        format!("/webhooks/{webhook}/test"),
        format!("/webhooks/{webhook}/rotate-secret"),
        format!("/webhooks/{webhook}/resend"),
        "/webhooks/new".to_owned(),
        "/events/test".to_owned(),
        "/notifications".to_owned(),
    ] {
        let reply = reader.post(&path, &[("state", "diverted"), ("api", "flip")]).await;
        assert_eq!(reply.status, 403, "{path}: {}", reply.text);
        assert!(reply.text.contains("You may not do this"), "{path}: {}", reply.text);
    }
    assert!(reader.page("/webhooks/new").await.contains("You may not make webhooks"));
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_paths_that_do_not_exist_get_pages() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    let cookie = [("Cookie", browser.cookie.as_str())];
    for (method, path, status) in [
        ("PUT", "", 405),
        ("DELETE", "/webhooks", 405),
        ("GET", "/leave", 405),
        ("POST", "", 405),
        ("OPTIONS", "/events", 405),
        ("GET", "/x/y/z", 404),
    ] {
        let reply = world.raw(method, &format!("{CONSOLE}{path}"), &cookie, "").await;
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.text);
        assert!(reply.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{method} {path}");
        assert_eq!(reply.headers.contains_key("allow"), status == 405, "{method} {path}");
    }
    let head = world.raw("HEAD", CONSOLE, &cookie, "").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_and_no_log_shows_a_secret() {
    let world = World::new().await;
    let secret = "B00000000/topsecretpart";
    let url = format!("https://hooks.slack.com/services/T00000000/{secret}");
    let body = json!({"name": "n", "url": url});
    let made = world.call("POST", "/api/v2/webhooks/", Some(&body)).await.json();
    let browser = Browser::enter(&world).await;
    let entered = enter(&world, &world.token).await;
    for path in ["", "/webhooks", &format!("/webhooks/sdelements:{}", made["id"]), "/webhooks?q=topsecret"] {
        let page = browser.page(path).await;
        assert!(!page.contains("topsecretpart"), "{path}");
    }
    browser.post("/webhooks/new", &[("api", "sdelements"), ("name", ""), ("url", &url), ("do", "create")]).await;
    let cookies = [super::cookie_of(&entered), browser.cookie.clone()];
    let key = world.token.clone();
    let log = world.stop().await.join("\n");
    assert!(!log.contains("topsecretpart") && !log.contains(&key));
    assert!(cookies.iter().all(|cookie| !log.contains(cookie.split_once('=').unwrap().1)));
}
