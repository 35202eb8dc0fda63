//! Who may do what, and what others are told.

use serde_json::{Value, json};
use shared::domain::Permission::{
    self, DivertedEventsDelete, DivertedEventsList, DivertedEventsRead, DivertedEventsResend, EventsRead, WebhooksList,
    WebhooksRead, WebhooksWrite,
};

use super::{Socotra, new};

/// Every route that a token needs a permission for, with a body and what it needs.
fn routes(locator: &str) -> Vec<(&'static str, String, Value, Vec<Permission>)> {
    let one = format!("/webhooks/{locator}");
    let diverted = format!("{one}/diverted/01JQNX4T2B0000000000000001");
    vec![
        ("POST", "/webhooks".to_owned(), new("x", &["a"], Value::Null), vec![WebhooksWrite]),
        ("GET", "/webhooks/list".to_owned(), Value::Null, vec![WebhooksRead, WebhooksList]),
        ("GET", one.clone(), Value::Null, vec![WebhooksRead]),
        ("PATCH", one.clone(), json!({"name": "y"}), vec![WebhooksWrite]),
        ("PATCH", format!("{one}/unsuspend"), Value::Null, vec![WebhooksWrite]),
        ("GET", format!("{one}/diverted"), Value::Null, vec![DivertedEventsRead, DivertedEventsList]),
        ("GET", diverted.clone(), Value::Null, vec![DivertedEventsRead]),
        ("POST", format!("{diverted}/resend"), Value::Null, vec![DivertedEventsResend]),
        ("DELETE", diverted, Value::Null, vec![DivertedEventsDelete]),
        ("GET", "/events/list".to_owned(), Value::Null, vec![EventsRead]),
        ("GET", "/events/01JQNX4T2B0000000000000001".to_owned(), Value::Null, vec![EventsRead]),
        ("GET", "/events/request/r".to_owned(), Value::Null, vec![EventsRead]),
        ("DELETE", one, Value::Null, vec![WebhooksWrite]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_needs_its_permissions_and_no_others() {
    let socotra = Socotra::new().await;
    let locator = socotra.webhook("one", &["a"], Value::Null).await;
    for (method, path, body, needed) in routes(&locator) {
        for missing in &needed {
            let others: Vec<_> = Permission::ALL.iter().copied().filter(|permission| permission != missing).collect();
            let token = socotra.world.user("ann", &others).await;
            let refused = socotra.call_as(&token, method, &path, Some(&body)).await;
            let wanted = format!("This needs the permission {}.", missing.as_str());
            assert_eq!((refused.status, &refused.json()["message"]), (403, &json!(wanted)), "{method} {path}");
        }
        let token = socotra.world.user("ann", &needed).await;
        let served = socotra.call_as(&token, method, &path, Some(&body)).await;
        // Of diverted events and events there is none to find.
        assert!(matches!(served.status, 200 | 204 | 404), "{method} {path}: {}", served.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_reads_as_one_that_does_not_exist() {
    let socotra = Socotra::new().await;
    let locator = socotra.webhook("one", &["a"], Value::Null).await;
    let (_, rival) = socotra.world.stack.organization("rival").await;
    let bearer = format!("Bearer {}", socotra.world.token);
    let unknown = socotra.call("GET", "/webhooks/01JQNX4T2B0000000000000001", None).await.text;
    for (method, path, body, _) in routes(&locator) {
        let theirs = socotra.call_as(&rival.super_user, method, &path, Some(&body)).await;
        assert_eq!((theirs.status, &theirs.text), (404, &unknown), "{method} {path}");
        for tenant in ["00000000-0000-4000-8000-000000000000", "nothing", "%31"] {
            let path = format!("/event/{tenant}{path}");
            let other = socotra.world.raw(method, &path, &[("Authorization", &bearer)], "{").await;
            assert_eq!((other.status, &other.text), (404, &unknown), "{method} {path}");
        }
    }
    let upper = format!("/event/{}/webhooks/{locator}", socotra.tenant.to_uppercase());
    assert_eq!(socotra.world.raw("GET", &upper, &[("Authorization", &bearer)], "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_of_other_apis_are_not_this_ones() {
    let socotra = Socotra::new().await;
    socotra.world.subscribed("slack").await;
    assert_eq!(socotra.call("GET", "/webhooks/list", None).await.text, "[]");
    assert_eq!(socotra.call("GET", "/webhooks/1", None).await.status, 404);
    let locator = socotra.webhook("one", &["a"], Value::Null).await;
    let listed = socotra.world.call("GET", "/api/v2/webhooks/", None).await.json();
    assert_eq!((&listed["count"], &listed["results"][0]["name"]), (&json!(1), &json!("slack")));
    assert_eq!(socotra.world.call("GET", &format!("/api/v2/webhooks/{locator}/"), None).await.status, 404);
}
