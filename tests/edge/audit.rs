//! Every call leaves one line that says who did what to which webhook, from where, and with what result; and no secret.

use serde_json::{Value, json};
use shared::domain::{Api, Permission};

use super::{collection, id_of, new};
use crate::support::{World, slack_url, until};

async fn world() -> World {
    World::with(|options| {
        options.environment.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned());
    })
    .await
}

/// The lines of requests, oldest first, once there are as many.
fn lines(world: &World, count: usize) -> Vec<Value> {
    let fields = |line: &String| {
        let line: Value = serde_json::from_str(line.split_once(": ")?.1).ok()?;
        Some(line["fields"].clone()).filter(|fields| fields["message"] == "answered")
    };
    let start = std::time::Instant::now();
    loop {
        let lines: Vec<_> = world.logs().iter().filter_map(fields).collect();
        if lines.len() >= count {
            return lines;
        }
        assert!(start.elapsed().as_secs() < 30, "{count} lines were awaited; logs:\n{}", world.logs().join("\n"));
    }
}

/// What a line says that is the same in each run.
fn said(line: &Value) -> String {
    let said = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
    format!(
        "{} {} {} {} as {} of {} from {}",
        said("http.method"),
        said("http.route"),
        line["http.status"],
        said("audit.outcome"),
        said("audit.user"),
        said("audit.organization"),
        said("audit.address")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn each_write_says_who_changed_which_webhook() {
    let world = world().await;
    let organization = world.stack.ready().organization.clone();
    let token = world.user("ann", Permission::ALL).await;
    let (mut told, mut count) = (Vec::new(), 0);
    for &api in Api::ALL {
        let list = collection(&world, api);
        let made = world.ask(&token, "POST", &list, Some(&new(api, "A"))).await;
        let id = id_of(api, &made.json());
        let one = format!("{}/{id}", list.trim_end_matches('/'));
        if api != Api::Flip {
            world.ask(&token, "PATCH", &one, Some(&json!({}))).await;
            count += 1;
        }
        world.ask(&token, "DELETE", &one, None).await;
        count += 2;
        let lines = lines(&world, count);
        for line in
            lines.iter().filter(|line| line["http.route"].as_str().is_some_and(|route| route.contains("ebhook")))
        {
            assert_eq!(line["audit.token"].as_str().unwrap().len(), 12, "{line}");
        }
        let mine: Vec<_> = lines.iter().filter(|line| line["audit.webhook"] == id.as_str()).collect();
        assert_eq!(mine.len(), if api == Api::Flip { 2 } else { 3 }, "{api}: {lines:?}");
        told.extend(mine.into_iter().map(said));
    }
    insta::assert_snapshot!(told.join("\n").replace(&organization, "acme"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refused_attempt_is_written_down() {
    let world = world().await;
    let organization = world.stack.ready().organization.clone();
    let nobody = world.user("eve", &[]).await;
    let (mut told, mut count) = (Vec::new(), 0);
    for &api in Api::ALL {
        let list = collection(&world, api);
        world.raw("POST", &list, &[], "{}").await;
        world.ask("oh_acme_0123456789012345678901234567890123456789012", "POST", &list, None).await;
        world.ask(&nobody, "POST", &list, Some(&new(api, "A"))).await;
        world.ask(&world.token, "DELETE", &format!("{}/0", list.trim_end_matches('/')), None).await;
        count += 4;
        lines(&world, count);
    }
    world.ask(&nobody, "GET", "/api/v2/webhooks/1/", None).await;
    told.extend(lines(&world, count + 1).iter().map(said));
    // Functions write side by side.
    told.sort();
    insta::assert_snapshot!(told.join("\n").replace(&organization, "acme"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_line_holds_a_key_a_secret_or_what_a_path_and_a_body_held() {
    let world = world().await;
    let mut count = 0;
    for &api in Api::ALL {
        let list = collection(&world, api);
        let mut body = new(api, "hidden");
        if api == Api::Akinon {
            body["headers"] = json!({"X-Key": "hidden"});
        }
        if api == Api::Socotra {
            body["endpoint"]["secret"] = json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        }
        world.ask(&world.token, "POST", &list, Some(&body)).await;
        // Keys and addresses that somebody pastes into the path or the query.
        let (list, pasted) = (list.trim_end_matches('/'), slack_url("hidden").replace('/', "%2F"));
        world.ask(&world.token, "DELETE", &format!("{list}/{pasted}"), None).await;
        world.ask(&world.token, "DELETE", &format!("{list}/{}?token={}", world.token, world.token), None).await;
        count += 3;
    }
    lines(&world, count);
    let logs = world.logs().join("\n");
    for secret in ["hidden", "whsec_", "T00000000", world.token.as_str()] {
        assert!(!logs.contains(secret), "{secret} in {logs}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_errors_line_names_its_invocation_and_its_trace() {
    let world = world().await;
    let id = world.subscribed("Gone").await;
    world.behave("Gone", &json!({"status": 404})).await;
    world.publish("1").await;
    world.eventually(&format!("/api/v2/webhooks/{id}/status"), |status| status["state"] == "suspended").await;
    let error = || {
        let logs = world.logs();
        let mut lines = logs.iter().filter_map(|line| serde_json::from_str::<Value>(line.split_once(": ")?.1).ok());
        lines.find(|line| line["level"] == "ERROR")
    };
    until("the error's line", async || error().is_some()).await;
    let line = error().unwrap();
    assert_eq!(line["fields"]["message"], "a webhook was suspended");
    assert!(line["span"]["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
    // As Lambda hands it over; the local stack's is always the same.
    assert_eq!(line["span"]["xrayTraceId"], "Root=1-00000000-000000000000000000000000;Sampled=0");
}
