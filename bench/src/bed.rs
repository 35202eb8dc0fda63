//! The test bed: the embedded DynamoDB with tenants in it, which can be put back as it was.

use std::{collections::BTreeMap, net::Ipv4Addr, time::Duration};

use dynoxide::Database;
use local::{create_tables, dynamodb_client, tables};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use shared::{
    domain::{
        Api, Configuration, Event, EventId, EventSource, JsonText, OrganizationId, Pattern, Secret, Subscription,
        Timestamp, Webhook, WebhookKey,
    },
    store::{Guard, LeaseFor, NewDelivery, Release, Remembered, Renewal, Store, Tables, queue_key},
};
use tokio::net::TcpListener;

use crate::options::{BoxError, Options};

/// The event, and the delivery of it, that the samples name.
const EVENT: &str = "01JQNH7XR0000000000000000A";

/// The type of every event.
pub(crate) const TYPE: &str = EventSource::CreatedProjectActivity.as_str();

/// An organization in which every sample finds what it names.
pub(crate) struct Tenant {
    pub(crate) organization: String,
    pub(crate) akinon: String,
    pub(crate) socotra: String,
    pub(crate) token: String,
    /// The keys of the item that the floor reads: its webhook of SD Elements.
    pub(crate) item: (String, String),
}

/// Every item of every table, by table and key.
type Image = BTreeMap<(String, String, String), Value>;

/// A DynamoDB of its own.
pub(crate) struct Bed {
    database: Database,
    pub(crate) address: String,
    pub(crate) store: Store,
}

impl Bed {
    /// The template's tables, empty.
    pub(crate) async fn new(options: &Options) -> Result<Self, BoxError> {
        let database = Database::memory().map_err(|error| error.to_string())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        let client = dynamodb_client(&address);
        create_tables(&client, &options.template()).await?;
        Ok(Self { database, address, store: Store::new(client, tables()) })
    }

    /// The environment by which a function finds it.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), self.address.clone())])
    }

    /// A new organization, alone.
    pub(crate) async fn organization(&self) -> Result<(OrganizationId, Tenant), BoxError> {
        let (organization, tokens) = local::organization(&self.store, "bench").await?;
        let tenant = Tenant {
            organization: organization.id.to_string(),
            akinon: organization.akinon_organization,
            socotra: organization.socotra_tenant,
            token: tokens.super_user,
            item: Default::default(),
        };
        Ok((organization.id, tenant))
    }

    /// A new organization with what the samples name: a webhook of each API, an event, and deliveries of it.
    pub(crate) async fn tenant(&self) -> Result<Tenant, BoxError> {
        let (organization, mut tenant) = self.organization().await?;
        let id: EventId = EVENT.parse()?;
        let event = event(&organization, id, "123444321");
        self.store.publish(&event, 4, None).await?;
        let partition = shared::store::event_partition(&organization, id, 4);
        self.store.next_webhook_id(&organization, Api::SdElements).await?;
        for (api, webhook_id) in [
            (Api::SdElements, "1"),
            (Api::Flip, "0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d"),
            (Api::Akinon, "665f1c2ab7e9d0a1b2c3d4e6"),
            (Api::Socotra, "01JQNX4T2B0000000000000001"),
            (Api::Operations, "01JQNX4T2B0000000000000002"),
        ] {
            let mut webhook = webhook(&organization, api, webhook_id, "seeded");
            // Another type than the one that the samples publish and subscribe to.
            webhook.subscriptions[0].pattern = Pattern::Exact(match api {
                Api::Socotra => "policy.account.create".to_owned(),
                _ => "ModifiedProjectActivity".to_owned(),
            });
            self.store.create_webhook(&webhook, None).await?;
            if matches!(api, Api::SdElements | Api::Socotra) {
                let queue = queue_key(&organization, &webhook.key);
                self.store
                    .put_pending(
                        &queue,
                        &NewDelivery {
                            event: id,
                            event_type: "CreatedProjectActivity",
                            project: None,
                            event_partition: &partition,
                            weight: 0,
                        },
                    )
                    .await?;
                self.store.touch(&queue, id).await?;
                self.store
                    .lease(&queue, "bench", self.store.clock().now().plus(Duration::from_secs(30)), LeaseFor::Delivery)
                    .await?;
                let guard = Guard { lease: "bench", generation: 0 };
                self.store
                    .divert(&queue, &event, "the endpoint answered 500", None, guard, Remembered::Nothing)
                    .await?;
                self.store.release(&queue, "bench", Release::More, &Renewal::default()).await?;
            }
        }
        let found = self.image()?.into_keys().find(|(table, pk, sk)| {
            table == "WebhooksTable" && pk.ends_with(&format!("#{organization}")) && sk.contains("#sdelements#")
        });
        tenant.item = found.map(|(_, pk, sk)| (pk, sk)).ok_or("the webhook is not there")?;
        Ok(tenant)
    }

    /// What the tables hold.
    pub(crate) fn image(&self) -> Result<Image, BoxError> {
        let mut image = Image::new();
        let Tables { webhooks, events, deliveries } = tables();
        for table in [webhooks, events, deliveries] {
            let mut start = Value::Null;
            loop {
                let mut request = json!({"TableName": table});
                if !start.is_null() {
                    request["ExclusiveStartKey"] = start;
                }
                let page = call(&request, |request| self.database.scan(request))?;
                for item in page["Items"].as_array().into_iter().flatten() {
                    let part = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
                    image.insert((table.clone(), part("pk"), part("sk")), item.clone());
                }
                start = page["LastEvaluatedKey"].clone();
                if start.is_null() {
                    break;
                }
            }
        }
        Ok(image)
    }

    /// Restores the tables.
    pub(crate) fn restore(&self, image: &Image) -> Result<(), BoxError> {
        let now = self.image()?;
        for (table, pk, sk) in now.keys().filter(|key| !image.contains_key(*key)) {
            let request = json!({"TableName": table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}});
            call(&request, |request| self.database.delete_item(request))?;
        }
        for (key, item) in image.iter().filter(|(key, item)| now.get(*key) != Some(*item)) {
            call(&json!({"TableName": key.0, "Item": item}), |request| self.database.put_item(request))?;
        }
        Ok(())
    }
}

fn call<Q: DeserializeOwned, R: Serialize>(
    request: &Value,
    operation: impl FnOnce(Q) -> Result<R, dynoxide::DynoxideError>,
) -> Result<Value, BoxError> {
    let answer = operation(serde_json::from_value(request.clone())?).map_err(|error| error.to_json())?;
    Ok(serde_json::to_value(answer)?)
}

/// An active webhook that wants every event of [`TYPE`], and posts to a path that ends with `name`.
pub(crate) fn webhook(organization: &OrganizationId, api: Api, id: &str, name: &str) -> Webhook {
    let url = match api {
        Api::SdElements => format!("https://hooks.slack.com/services/T00000000/B00000000/{name}"),
        _ => format!("https://example.com/{name}"),
    };
    let key = WebhookKey { api, id: id.to_owned() };
    let now = Timestamp(1_743_416_100_000);
    let mut webhook = Webhook::new(organization.clone(), key, name.to_owned(), Secret::new(url), now);
    webhook.description = "Posts project events to #eng-webhooks".to_owned();
    let configuration = matches!(api, Api::SdElements).then_some(Configuration { id: 1, created: now, updated: now });
    webhook.subscriptions = vec![Subscription { configuration, ..Subscription::new(Pattern::Exact(TYPE.to_owned())) }];
    webhook.owner = matches!(api, Api::Flip).then(|| "admin".to_owned());
    webhook.project = matches!(api, Api::Akinon).then(|| "665f1c2ab7e9d0a1b2c3d4e5".to_owned());
    if api != Api::SdElements {
        webhook.endpoint.signing_secrets = vec![Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned())];
    }
    webhook
}

/// An event of about 1 KB.
pub(crate) fn event(organization: &OrganizationId, id: EventId, name: &str) -> Event {
    Event {
        id,
        organization: organization.clone(),
        project: Some("11".to_owned()),
        event_type: TYPE.to_owned(),
        time: id.time(),
        request: Some("01JQNX4T2B0000000000000002".to_owned()),
        user: None,
        ordering_key: None,
        about: None,
        hops: 0,
        data: JsonText::of(&json!({
            "actor": 1, "text": format!("Admin Testerton created project {name}. in application Flipism"),
            "icon": "createProject", "log_level": "create",
            "data": {"project": 11, "project_desc": name, "note": "x".repeat(800)}
        }))
        .unwrap_or_default(),
    }
}
