//! Replacing a signing secret.

use serde_json::{Value, json};

use super::{WEBHOOKS, ask, done, one_of_each};
use crate::support::{World, verifies};

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_sign_during_the_overlap_wherever_deliveries_are_signed() {
    let world = World::new().await;
    let [slack, flip, akinon, socotra, target] = one_of_each(&world).await;
    let old = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let refused = ask(&world, "POST", &format!("{WEBHOOKS}/{slack}/rotate-secret"), Value::Null).await;
    insta::assert_snapshot!(refused.shown());
    let mut secrets = Vec::new();
    for webhook in [&flip, &akinon, &socotra, &target] {
        let rotated =
            ask(&world, "POST", &format!("{WEBHOOKS}/{webhook}/rotate-secret"), json!({"overlap_hours": 1})).await;
        insta::assert_snapshot!(rotated.shown());
        secrets.push(rotated.json()["signing_secret"].as_str().unwrap().to_owned());
    }
    world.event("chat.message", Some(super::PROJECT), &json!({})).await;
    for (at, name) in ["flip", "akinon", "socotra"].into_iter().enumerate() {
        let message = world.received(&format!("{name}.example/hooks/token-of-{name}"), 1).await.remove(0);
        assert!(verifies(&message, &secrets[at]), "{name}");
        let signatures = message["headers"]["webhook-signature"].as_str().unwrap().split(' ').count();
        assert_eq!(signatures, 2, "{name}");
        if name == "socotra" {
            assert!(verifies(&message, old));
        }
    }
    // Another rotation would end a secret that was promised to be valid for an hour.
    let path = format!("{WEBHOOKS}/{socotra}/rotate-secret");
    let again = ask(&world, "POST", &path, json!({})).await;
    assert_eq!(again.status, 409, "{}", again.text);
    assert!(again.text.contains("is valid until") && !again.text.contains("whsec_"), "{}", again.text);
    world.event("chat.message", Some(super::PROJECT), &json!({})).await;
    let messages = world.received("socotra.example/hooks/token-of-socotra", 2).await;
    assert!(verifies(&messages[1], old) && verifies(&messages[1], &secrets[2]));
    // Without an overlap the old secrets end at once.
    let secret = done(&world, "POST", &path, json!({"overlap_hours": 0})).await["signing_secret"].clone();
    world.event("chat.message", None, &json!({})).await;
    let messages = world.received("socotra.example/hooks/token-of-socotra", 3).await;
    assert!(verifies(&messages[2], secret.as_str().unwrap()));
    assert!(!verifies(&messages[2], &secrets[2]) && !verifies(&messages[2], old));
    let refused = ask(&world, "POST", &path, json!({"overlap_hours": 169, "secret": "mine"})).await;
    insta::assert_snapshot!(refused.shown());
    for secret in &secrets {
        assert!(!world.logs().join("\n").contains(secret.as_str()));
    }
}
