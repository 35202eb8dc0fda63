//! Notification targets: creating, changing, deleting.

use super::{Browser, found};
use crate::support::{World, slack_url};

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_created_changed_and_deleted() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    assert!(browser.page("/notifications").await.contains("nobody is told"));
    let wrong =
        browser.post("/notifications", &[("kind", "slack"), ("name", "Ops"), ("url", "https://example.com/x")]).await;
    assert!(wrong.status == 400 && wrong.text.contains("must be a Slack URL") && wrong.text.contains(r#"value="Ops""#));
    let url = slack_url("ops");
    let fields =
        [("kind", "slack"), ("name", "Ops"), ("url", url.as_str()), ("event_types", "outhook.webhook.failing")];
    let page = browser.done("/notifications", &fields).await;
    assert!(page.contains("Created.") && page.contains("outhook.webhook.failing"));
    let change = found(&page, r#"href="/console(/notifications/[0-9A-Z]{26})""#);
    let form = browser.page(&change).await;
    let masked = found(&form, r#"name="url" value="([^"]+)""#);
    assert!(masked.contains('…') && !form.contains("/ops\""));
    // The URL is sent back as it is shown, and stays as it was.
    let fields = [
        ("name", "Operators"),
        ("url", masked.as_str()),
        ("event_types", "outhook.webhook.suspended"),
        ("active", "true"),
    ];
    let page = browser.done(&change, &fields).await;
    assert!(page.contains("Saved.") && page.contains("Operators") && page.contains("outhook.webhook.suspended"));
    let refused = browser.post(&change, &[("name", ""), ("url", &masked)]).await;
    assert!(refused.status == 400 && refused.text.contains("must have 1 to 255 characters"), "{}", refused.text);
    let asked = browser.post(&format!("{change}/delete"), &[]).await;
    assert!(asked.status == 200 && asked.text.contains("Delete the target Operators?"));
    let page = browser.done(&format!("{change}/delete"), &[("sure", "yes")]).await;
    assert!(page.contains("Deleted.") && page.contains("nobody is told"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_target_shows_its_secret_once() {
    let world = World::new().await;
    let browser = Browser::enter(&world).await;
    let fields = [("kind", "webhook"), ("name", "Pager"), ("url", "https://pager.example/x")];
    let made = browser.post("/notifications", &fields).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let secret = found(&made.text, "(whsec_[0-9A-Za-z+/=]+)");
    assert!(!browser.page("/notifications").await.contains(&secret));
}
