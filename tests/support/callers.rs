//! Callers of the other APIs, producers of events, and receivers.

use std::time::Instant;

use serde_json::{Value, json};
use shared::{
    domain::{Api, Organization, OrganizationId, Permission, Token, WebhookLimits},
    encoding,
};

use super::{reply::Reply, wait::LONGEST, world::World};

impl World {
    /// A request with `Authorization: Bearer`.
    pub(crate) async fn ask(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let authorization = format!("Bearer {token}");
        let body = body.map(ToString::to_string).unwrap_or_default();
        self.raw(method, path, &[("Authorization", &authorization)], &body).await
    }

    /// A token of that user of the world's organization, with just these permissions.
    pub(crate) async fn user(&self, name: &str, permissions: &[Permission]) -> String {
        let organization = OrganizationId::parse(&self.stack.ready().organization).unwrap();
        self.user_of(&organization, name, permissions).await
    }

    /// A token of that user of another organization.
    pub(crate) async fn user_of(
        &self,
        organization: &OrganizationId,
        name: &str,
        permissions: &[Permission],
    ) -> String {
        let store = self.stack.store();
        let (key, token) = Token::issue(organization, name, permissions, store.random(), store.clock().now(), None);
        store.put_token(&token).await.unwrap();
        key
    }

    /// Another organization of that id, which may have so many webhooks through Flip's API.
    pub(crate) async fn organization(&self, id: &str, flip_webhook_limit: u32) -> Organization {
        let store = self.stack.store();
        let organization = Organization {
            id: OrganizationId::parse(id).unwrap(),
            name: id.to_owned(),
            flags: vec![Organization::WEBHOOKS_FLAG.to_owned()],
            akinon_organization: store.random_hex::<12>(),
            socotra_tenant: encoding::uuid(store.random()),
            event_shards: 1,
            webhook_limits: WebhookLimits { flip: flip_webhook_limit, ..WebhookLimits::default() },
            slack_compatible_hosts: Vec::new(),
            created: store.clock().now(),
        };
        assert!(store.create_organization(&organization).await.unwrap());
        organization
    }

    /// Lets the world's organization have that many webhooks through each API; before its functions have seen its tokens.
    pub(crate) async fn allow_webhooks(&self, limit: u32) {
        let organization = OrganizationId::parse(&self.stack.ready().organization).unwrap();
        for &api in Api::ALL {
            assert!(self.stack.store().set_webhook_limit(&organization, api, limit).await.unwrap());
        }
    }

    /// Publishes an event of that type, in a project or in none, and gives its id.
    pub(crate) async fn event(&self, event_type: &str, project: Option<&str>, data: &Value) -> String {
        let body = json!({"type": event_type, "project": project, "data": data});
        let made = self.call("POST", "/events", Some(&body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// Tells the stand-in what the receiver at `https://<path>` must answer.
    pub(crate) async fn receiver(&self, path: &str, behaviour: &Value) {
        let url = format!("{}/behaviour/{path}", self.stack.ready().slack);
        self.client.put(url).body(behaviour.to_string()).send().await.unwrap().error_for_status().unwrap();
    }

    /// Asks again until the answer's body is as `wanted` wants it, and gives that.
    pub(crate) async fn eventually(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..2_000 {
            let body = self.ask(&self.token, "GET", path, None).await.json();
            if wanted(&body) {
                return body;
            }
        }
        panic!("the awaited answer never came; logs:\n{}", self.logs().join("\n"));
    }

    /// Waits until `https://<path>` has got at least `count` requests and gives them, refused ones included.
    pub(crate) async fn received(&self, path: &str, count: usize) -> Vec<Value> {
        let (start, path) = (Instant::now(), format!("/{path}"));
        loop {
            let mut mine = self.messages().await;
            mine.retain(|message| message["path"] == path.as_str());
            if mine.len() >= count {
                return mine;
            }
            let late = start.elapsed() > LONGEST;
            assert!(!late, "{count} requests were awaited, {mine:?} came; logs:\n{}", self.logs().join("\n"));
            tokio::task::yield_now().await;
        }
    }
}

/// The JSON body of a request that a receiver got.
pub(crate) fn body_of(message: &Value) -> Value {
    serde_json::from_str(message["body"].as_str().unwrap()).unwrap()
}

/// Whether the request is signed with the secret, by the verifier of the specification's authors.
pub(crate) fn verifies(message: &Value, secret: &str) -> bool {
    let mut headers = http::HeaderMap::new();
    for (name, value) in message["headers"].as_object().unwrap() {
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.insert(name, value.as_str().unwrap().parse().unwrap());
    }
    let verifier = standardwebhooks::Webhook::new(secret).unwrap();
    verifier.verify(message["body"].as_str().unwrap().as_bytes(), &headers).is_ok()
}
