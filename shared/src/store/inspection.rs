//! Surveys of whole tables, which `admin doctor` evaluates.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;

use super::{
    Store, StoreError,
    error::failed,
    keys::{DIVERTED_PREFIX, ORGANIZATION_SK, QUARANTINE_PK, QUEUE_SK, REGISTER_PK, due_shard},
    records::{corrupt, queue_of, read, webhook_of},
    subscriptions::index_keys,
    values::{Item, moment_of, number_of, text, text_of},
};
use crate::domain::{Api, DeliveryState, EventId, Organization, OrganizationId, QueueState, Timestamp, Token, Webhook};

/// The partition and the sort key of an item.
pub type ItemKey = (String, String);

/// A table as DynamoDB describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSurvey {
    /// Whether the table is active.
    pub active: bool,
    /// The names of its key attributes.
    pub keys: Vec<String>,
    /// Its active indexes.
    pub indexes: BTreeSet<String>,
    /// The ARN of its stream of new images, if it has one.
    pub stream: Option<String>,
    /// The attribute that holds when items expire, if expiry is on.
    pub ttl: Option<String>,
    /// Whether point-in-time recovery is on; `None` if this DynamoDB does not tell.
    pub recovery: Option<bool>,
}

/// The contents of the Webhooks table, without idempotency records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebhooksSurvey {
    /// The organizations.
    pub organizations: Vec<Organization>,
    /// The organizations that the register names.
    pub registered: BTreeSet<String>,
    /// Their webhooks.
    pub webhooks: Vec<Webhook>,
    /// How many webhooks each organization has through each API, according to the counters.
    pub counted: BTreeMap<(OrganizationId, Api), i64>,
    /// The entries of the subscription index: partition and webhook of each.
    pub index: BTreeSet<(String, String)>,
    /// The entries that the subscription index should have.
    pub index_wanted: BTreeSet<(String, String)>,
    /// The URL claims.
    pub claims: BTreeSet<(String, String)>,
    /// The URL claims that there should be.
    pub claims_wanted: BTreeSet<(String, String)>,
    /// The pointers to tokens: organization, short id of the token, and hash of its key.
    pub pointers: BTreeSet<(String, String, String)>,
    /// The tokens.
    pub tokens: Vec<Token>,
    /// The items that cannot be read, by partition and sort key, and why.
    pub unreadable: BTreeMap<ItemKey, String>,
}

/// What was found in one partition of the Deliveries table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueSurvey {
    /// The queue's state; `None` if there are deliveries without a queue.
    pub state: Option<QueueState>,
    /// Whether the index of due queues will find it when it is due.
    pub indexed: bool,
    /// How many deliveries are pending.
    pub pending: usize,
    /// When the first of them was queued.
    pub oldest: Option<Timestamp>,
    /// The events whose deliveries are diverted, according to the deliveries.
    pub diverted: BTreeSet<EventId>,
    /// The events whose deliveries are diverted, according to the pointers.
    pub pointers: BTreeSet<EventId>,
}

/// The contents of the Deliveries table, without finished deliveries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeliveriesSurvey {
    /// What was found for each queue, by the queue's key.
    pub queues: BTreeMap<String, QueueSurvey>,
    /// The records that can never be processed, and why.
    pub quarantined: BTreeMap<String, String>,
    /// The items that cannot be read, by partition and sort key, and why.
    pub unreadable: BTreeMap<ItemKey, String>,
}

impl Store {
    /// Describes the Webhooks, the Events and the Deliveries table; `None` for a table that does not exist. Needs
    /// `DescribeTable`, `DescribeTimeToLive` and `DescribeContinuousBackups` on the tables; no deployed function has
    /// these permissions.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn survey_tables(&self) -> Result<[(String, Option<TableSurvey>); 3], StoreError> {
        let tables = &self.tables;
        Ok([
            (tables.webhooks.clone(), self.survey_table(&tables.webhooks).await?),
            (tables.events.clone(), self.survey_table(&tables.events).await?),
            (tables.deliveries.clone(), self.survey_table(&tables.deliveries).await?),
        ])
    }

    /// Reads the whole Webhooks table. Needs `Scan` on the Webhooks table; no deployed function has that permission.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn survey_webhooks(&self) -> Result<WebhooksSurvey, StoreError> {
        let mut survey = WebhooksSurvey::default();
        let scan = self.client.scan().table_name(&self.tables.webhooks).consistent_read(true);
        let mut items = scan.into_paginator().items().send();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failed(&error))?;
            let key = (text_of(&item, "pk").to_owned(), text_of(&item, "sk").to_owned());
            if let Err(error) = survey.add(item) {
                survey.unreadable.insert(key, error.to_string());
            }
        }
        let wanted = |item: Item| (text_of(&item, "pk").to_owned(), text_of(&item, "sk").to_owned());
        survey.index_wanted = survey.webhooks.iter().flat_map(index_keys).map(wanted).collect();
        survey.claims_wanted = survey.webhooks.iter().filter_map(Webhook::url_claim).map(wanted).collect();
        Ok(survey)
    }

    /// Reads the whole Deliveries table and keeps what is not finished. Needs `Scan` on the Deliveries table; no
    /// deployed function has that permission.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn survey_deliveries(&self) -> Result<DeliveriesSurvey, StoreError> {
        let mut survey = DeliveriesSurvey::default();
        let scan = self.client.scan().table_name(&self.tables.deliveries).consistent_read(true);
        let filter = "sk = :queue OR begins_with(sk, :pointer) OR pk = :quarantine OR #state IN (:pending, :diverted)";
        let scan = scan.filter_expression(filter).projection_expression(
            "pk, sk, #state, #reason, queued, touched, held, due_at, due_shard, not_before, lease, lease_until, generation",
        );
        let scan = scan.expression_attribute_names("#state", "state").expression_attribute_names("#reason", "reason");
        let mut scan = scan;
        for (name, value) in [
            (":queue", QUEUE_SK),
            (":pointer", DIVERTED_PREFIX),
            (":quarantine", QUARANTINE_PK),
            (":pending", DeliveryState::Pending.as_str()),
            (":diverted", DeliveryState::Diverted.as_str()),
        ] {
            scan = scan.expression_attribute_values(name, text(value));
        }
        let mut items = scan.into_paginator().items().send();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failed(&error))?;
            let key = (text_of(&item, "pk").to_owned(), text_of(&item, "sk").to_owned());
            if let Err(error) = survey.add(item) {
                survey.unreadable.insert(key, error.to_string());
            }
        }
        Ok(survey)
    }

    async fn survey_table(&self, name: &str) -> Result<Option<TableSurvey>, StoreError> {
        let described = match self.client.describe_table().table_name(name).send().await {
            Ok(reply) => reply.table.unwrap_or_else(|| aws_sdk_dynamodb::types::TableDescription::builder().build()),
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let ttl = self.client.describe_time_to_live().table_name(name).send().await.map_err(|error| failed(&error))?;
        let ttl = ttl.time_to_live_description.filter(|ttl| {
            use aws_sdk_dynamodb::types::TimeToLiveStatus::{Enabled, Enabling};
            matches!(ttl.time_to_live_status, Some(Enabled | Enabling))
        });
        let recovery = match self.client.describe_continuous_backups().table_name(name).send().await {
            Ok(reply) => {
                let backups = reply.continuous_backups_description;
                let recovery = backups.and_then(|backups| backups.point_in_time_recovery_description);
                let status = recovery.and_then(|recovery| recovery.point_in_time_recovery_status);
                Some(status.is_some_and(|status| status.as_str() == "ENABLED"))
            }
            // An emulator may not support backups.
            Err(error) if error.code() == Some("UnknownOperationException") => None,
            Err(error) => return Err(failed(&error)),
        };
        let stream = described.stream_specification().is_some_and(|stream| {
            stream.stream_enabled && stream.stream_view_type().is_some_and(|view| view.as_str() == "NEW_IMAGE")
        });
        let indexes = described.global_secondary_indexes().iter();
        let indexes = indexes.filter(|index| index.index_status().is_none_or(|status| status.as_str() == "ACTIVE"));
        Ok(Some(TableSurvey {
            active: described.table_status().is_some_and(|status| status.as_str() == "ACTIVE"),
            keys: described.key_schema().iter().map(|key| key.attribute_name.clone()).collect(),
            indexes: indexes.filter_map(|index| index.index_name().map(str::to_owned)).collect(),
            stream: described.latest_stream_arn().filter(|_| stream).map(str::to_owned),
            ttl: ttl.and_then(|ttl| ttl.attribute_name),
            recovery,
        }))
    }
}

impl WebhooksSurvey {
    fn add(&mut self, item: Item) -> Result<(), StoreError> {
        let (pk, sk) = (text_of(&item, "pk").to_owned(), text_of(&item, "sk").to_owned());
        let parts: Vec<&str> = pk.split('#').collect();
        let organization = |id: &str| {
            let parsed = OrganizationId::parse(id);
            parsed.ok_or_else(|| corrupt(&item, "its organization's id is none"))
        };
        match (parts.as_slice(), sk.split('#').collect::<Vec<_>>().as_slice()) {
            (["TOKEN", _], _) => self.tokens.push(read(item)?),
            (["ORG", _, "IDEMPOTENCY", ..] | ["TICKET" | "SESSION" | "ATTEMPTS", _], _) => {}
            (["ORG", _, "SUB", ..], _) => {
                self.index.insert((pk, sk));
            }
            ([REGISTER_PK], _) => {
                self.registered.insert(sk);
            }
            (["ORG", _], [ORGANIZATION_SK]) => self.organizations.push(read(item)?),
            (["ORG", id], ["WEBHOOK", api, ""]) => {
                let api = Api::parse(api).ok_or_else(|| corrupt(&item, "its API is none"))?;
                self.counted.insert((organization(id)?, api), number_of(&item, "webhooks").unwrap_or(0));
            }
            (["ORG", id], ["WEBHOOK", ..]) => {
                let organization = organization(id)?;
                self.webhooks.push(webhook_of(&organization, item)?);
            }
            (["ORG", id], ["TOKEN", token]) => {
                self.pointers.insert(((*id).to_owned(), (*token).to_owned(), text_of(&item, "hash").to_owned()));
            }
            (["ORG", _], ["DELETED", ..]) => {}
            (["ORG", _], ["URL", ..]) => {
                self.claims.insert((pk, sk));
            }
            _ => return Err(corrupt(&item, "nothing here has such a key")),
        }
        Ok(())
    }
}

impl DeliveriesSurvey {
    fn add(&mut self, item: Item) -> Result<(), StoreError> {
        let (pk, sk) = (text_of(&item, "pk").to_owned(), text_of(&item, "sk").to_owned());
        if pk == QUARANTINE_PK {
            self.quarantined.insert(sk, text_of(&item, "reason").to_owned());
            return Ok(());
        }
        let id = |text: &str| text.parse::<EventId>().map_err(|why| corrupt(&item, why));
        let queue = self.queues.entry(pk.clone()).or_default();
        if sk == QUEUE_SK {
            queue.indexed = text_of(&item, "due_shard") == due_shard(&pk);
            queue.state = Some(queue_of(item)?);
        } else if let Some(event) = sk.strip_prefix(DIVERTED_PREFIX) {
            queue.pointers.insert(id(event)?);
        } else if text_of(&item, "state") == DeliveryState::Diverted.as_str() {
            queue.diverted.insert(id(&sk)?);
        } else {
            queue.pending += 1;
            let queued = moment_of(&item, "queued").unwrap_or_default();
            queue.oldest = Some(queue.oldest.map_or(queued, |oldest| oldest.min(queued)));
        }
        Ok(())
    }
}
