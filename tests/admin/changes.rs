//! The commands that change what is delivered.

use super::shop::{RETRYING, Shop};

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_paused_and_resumed_and_a_suspension_ended() {
    let shop = Shop::busy().await;
    let mut all = Vec::new();
    for (verb, webhook) in
        [("pause", RETRYING), ("unpause", RETRYING), ("unpause", RETRYING), ("unsuspend", "sdelements:1")]
    {
        let (code, said) = shop.says(&[verb, webhook, "--organization", "shop"]).await;
        all.push(format!("{verb} {webhook} ends with {code}\n{said}"));
    }
    insta::assert_snapshot!("changes", all.join("\n"));
    let (_, json) = shop.says(&["pause", "sdelements:1", "--organization", "shop", "--json"]).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["id"], &json["state"]), (&"sdelements:1".into(), &"paused".into()));
    let (code, said) = shop.says(&["pause", "flip:nothing", "--organization", "shop"]).await;
    assert!(code == 2 && said.contains("`cargo admin webhooks --organization shop` shows those it has"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_finished_is_sent_again_alone_or_by_its_state() {
    let shop = Shop::busy().await;
    let resend = ["resend", "sdelements:1", "--organization", "shop"];
    let one = Shop::event_id(600, 1).to_string();
    let mut all = Vec::new();
    for more in [
        &["--state", "diverted", "--dry-run"][..],
        &["--state", "diverted", "--after", "2026-11-27T11:00:00Z", "--dry-run"],
        &["--state", "pending"],
        &[&one],
        &["--state", "diverted"],
        &["--state", "diverted"],
        &[&Shop::event_id(1, 9).to_string()],
    ] {
        let (code, said) = shop.says(&[&resend[..], more].concat()).await;
        all.push(format!("{} ends with {code}\n{said}", more.join(" ")));
    }
    insta::assert_snapshot!("resends", all.join("\n"));
    let (_, deliveries) = shop.says(&["deliveries", "sdelements:1", "--organization", "shop"]).await;
    assert_eq!(deliveries.matches("pending").count(), 3, "{deliveries}");
    let (code, _) = shop.says(&resend).await;
    assert_eq!(code, 2, "neither an event nor a state");
    let both = shop.both(&[&resend[..], &["--state", "delivered", "--dry-run"]].concat()).await;
    assert!(both.contains("\"matching\": 0"), "{both}");
}
