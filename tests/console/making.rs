//! Making a webhook of each API: its preview, its test, its secret.

use serde_json::json;

use super::{Browser, found, webhook_that_gets};
use crate::support::{World, slack_url};

const NEW: &str = "/webhooks/new";

#[tokio::test(flavor = "multi_thread")]
async fn a_slack_webhook_is_previewed_tested_and_made() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    assert!(browser.page(NEW).await.contains("Through which API?"));
    let form = browser.page(&format!("{NEW}?api=sdelements")).await;
    assert!(form.contains("CreatedProjectActivity"));
    let url = slack_url("N");
    let fields = |act: &'static str| {
        [
            ("api", "sdelements"),
            ("name", "Engineering"),
            ("url", url.as_str()),
            ("ticked", "CreatedProjectActivity"),
            ("do", act),
        ]
    };
    let preview = browser.post(NEW, &fields("preview")).await;
    assert!(
        preview.status == 200 && preview.text.contains("slack-") && preview.text.contains("Payments"),
        "{}",
        preview.text
    );
    assert!(preview.text.contains(r#"value="Engineering""#), "what was typed is kept");
    world.behave("N", &json!({"status": 404, "body": "no_service"})).await;
    let test = browser.post(NEW, &fields("test")).await;
    assert!(test.text.contains("HTTP 404") && test.text.contains("no_service"), "{}", test.text);
    let list = world.call("GET", "/operations/webhooks", None).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 0, "nothing is stored before it is created");
    world.behave("N", &json!({"status": 200, "body": "ok"})).await;
    let page = browser.done(NEW, &fields("create")).await;
    assert!(page.contains("Created.") && page.contains("Engineering"));
    world.publish("1").await;
    world.accepted("N", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_webhook_shows_its_secret_once() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    for (api, extra) in [("flip", None), ("akinon", Some(("project", "665f1c2ab7e9d0a1b2c3d4e5"))), ("socotra", None)] {
        let url = format!("https://{api}.example/hook");
        let mut fields = vec![
            ("api", api),
            ("name", "Orders"),
            ("url", url.as_str()),
            ("types", "order.created order.paid"),
            ("do", "create"),
        ];
        fields.extend(extra);
        let made = browser.post(NEW, &fields).await;
        assert_eq!(made.status, 200, "{api}: {}", made.text);
        let secret = found(&made.text, "(whsec_[0-9A-Za-z+/=]+)");
        let link = found(&made.text, r#"href="/console(/webhooks/[a-z]+:[^"]+)""#);
        let page = browser.page(&link).await;
        assert!(page.contains("order.created") && page.contains("order.paid") && !page.contains(&secret), "{api}");
        let rotated = browser.post(&format!("{link}/rotate-secret"), &[("overlap_hours", "1")]).await;
        let new = found(&rotated.text, "(whsec_[0-9A-Za-z+/=]+)");
        assert!(new != secret && rotated.text.contains("The old secret also signs until"), "{api}: {}", rotated.text);
        let again = browser.post(&format!("{link}/rotate-secret"), &[("overlap_hours", "1")]).await;
        assert_eq!(again.status, 409, "{api}: {}", again.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_beside_what_was_typed() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    for (api, url, words) in [
        ("sdelements", "https://example.com/x", "Enter the URL of a Slack webhook"),
        ("flip", "http://example.com/x", "the URL must use https"),
        ("akinon", "https://10.0.0.1/x", "url"),
        ("socotra", "nothing", "url"),
    ] {
        let fields = [
            ("api", api),
            ("name", "n"),
            ("url", url),
            ("types", "a"),
            ("project", "665f1c2ab7e9d0a1b2c3d4e5"),
            ("do", "create"),
        ];
        let reply = browser.post(NEW, &fields).await;
        assert_eq!(reply.status, 400, "{api}: {}", reply.text);
        let error = found(&reply.text, r#"<div class="errors" role="alert">(.*?)</div>"#);
        assert!(error.contains(words) && reply.text.contains(&format!(r#"value="{url}""#)), "{api}: {error}");
    }
    let twice = [("api", "flip"), ("url", "https://flip.example/x"), ("types", "a"), ("do", "create")];
    assert_eq!(browser.post(NEW, &twice).await.status, 200);
    let refused = browser.post(NEW, &twice).await;
    assert!(refused.status == 409 && refused.text.contains("Another webhook of the organization has this URL."));
    let unknown = browser.post(NEW, &[("api", "operations"), ("do", "create")]).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_apis_that_are_deployed_and_permitted_are_offered() {
    let world = World::with(|options| {
        options.environment.insert("DEPLOYED_APIS".to_owned(), "sdelements,flip,,".to_owned());
    })
    .await;
    let browser = Browser::enter(&world).await;
    let page = browser.page(NEW).await;
    assert!(page.contains("api=sdelements") && page.contains("api=flip"));
    assert!(!page.contains("api=akinon") && !page.contains("api=socotra"));
    let acme = shared::domain::OrganizationId::parse(&world.stack.ready().organization).unwrap();
    use shared::domain::Permission::{OperationsRead, OperationsWrite, WebhookManagement};
    let key = world.user_of(&acme, "ann", &[OperationsRead, OperationsWrite, WebhookManagement]).await;
    let ann = Browser::enter_with(&world, &key).await;
    assert!(ann.page(NEW).await.contains("New webhook: Flip"), "the only one is chosen");
    assert_eq!(ann.post(NEW, &[("api", "sdelements"), ("do", "create")]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_url_resumes_a_webhook_whose_endpoint_is_gone() {
    let world = World::new().await;
    let webhook = webhook_that_gets(&world, "gone", 404).await;
    let event = world.publish("1").await;
    let path = format!("/operations/webhooks/{webhook}");
    world.eventually(&path, |webhook| webhook["state"] == "suspended").await;
    let browser = Browser::enter(&world).await;
    let page = format!("/webhooks/{webhook}");
    let change = found(&browser.page(&page).await, r#"href="/console(/webhooks/[^"]+/url)""#);
    assert!(browser.page(&change).await.contains("What waits goes to the new one."));
    let refused = browser.post(&change, &[("url", "https://example.com/x")]).await;
    assert!(refused.status == 400 && refused.text.contains("Enter the URL of a Slack webhook"), "{}", refused.text);
    let new = slack_url("new");
    assert!(browser.done(&change, &[("url", &new)]).await.contains("Saved."));
    world.eventually(&format!("{path}/deliveries/{event}"), |delivery| delivery["state"] == "delivered").await;
    world.accepted("new", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_url_of_each_api_changes_by_its_own_rules() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    for (api, extra, changes) in [
        ("flip", None, false),
        ("akinon", Some(("project", "665f1c2ab7e9d0a1b2c3d4e5")), true),
        ("socotra", None, true),
    ] {
        let url = format!("https://{api}.example/hook");
        let mut fields = vec![("api", api), ("name", "n"), ("url", url.as_str()), ("types", "a"), ("do", "create")];
        fields.extend(extra);
        let made = browser.post(NEW, &fields).await;
        let page = found(&made.text, r#"href="/console(/webhooks/[a-z]+:[^"]+)""#);
        assert_eq!(browser.page(&page).await.contains("Change the URL"), changes, "{api}");
        let new = format!("https://{api}-new.example/hook");
        let reply = browser.post(&format!("{page}/url"), &[("url", &new)]).await;
        assert_eq!(reply.status, if changes { 303 } else { 404 }, "{api}: {}", reply.text);
        let shown = world.call("GET", &format!("/operations{page}"), None).await.json()["endpoint"].to_string();
        assert_eq!(shown.contains("-new.example"), changes, "{api}: {shown}");
        if changes {
            let refused = browser.post(&format!("{page}/url"), &[("url", "http://10.0.0.1/")]).await;
            assert_eq!(refused.status, 400, "{api}: {}", refused.text);
        }
    }
}
