//! Stream records that can never become deliveries: keeping them, so that people can look at them, and removing them.

use super::{
    Store, StoreError,
    condition::Condition::{Exists, Is},
    keys::QUARANTINE_PK,
    values::{Item, key, moment, moment_of, text, text_of},
    write::Write,
};
use crate::domain::Timestamp;

/// A stream record that can never be processed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The record's sequence number in the stream; for a replayed record, partition and id of its event.
    pub id: String,
    /// Why it cannot be processed. May quote the record.
    pub reason: String,
    /// The record's text, cut after 90,000 characters.
    pub record: String,
    /// When it was quarantined.
    pub since: Timestamp,
}

impl Quarantined {
    /// Partition and sort key of the record's item in the Events table; `None` if the record does not say.
    #[must_use]
    pub fn event_key(&self) -> Option<(String, String)> {
        // The record may be cut, so it is not read whole. The keys come before everything that a producer wrote.
        let (_, keys) = self.record.split_once("\"Keys\":").unwrap_or_default();
        let keys = serde_json::Deserializer::from_str(keys).into_iter::<serde_json::Value>().next();
        let named = keys.and_then(Result::ok).and_then(|keys| {
            let part = |name: &str| Some(keys[name]["S"].as_str()?.to_owned());
            Some((part("pk")?, part("sk")?))
        });
        named.or_else(|| self.id.split_once(' ').map(|(pk, sk)| (pk.to_owned(), sk.to_owned())))
    }
}

impl Store {
    /// Stores a stream record that can never be processed, so that people can look at it. Needs `PutItem` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn quarantine(&self, id: &str, reason: &str, record: &str) -> Result<(), StoreError> {
        let mut item = key(QUARANTINE_PK, id);
        item.insert("reason".to_owned(), text(reason));
        item.insert("record".to_owned(), text(record));
        item.insert("since".to_owned(), moment(self.clock.now()));
        self.put_item(Write::put(&self.tables.deliveries, item)).await.map(|_| ())
    }

    /// Reads at most `limit` quarantined records, in the order of their ids, and says whether there are more. Needs
    /// `Query` on the Deliveries table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn quarantined(&self, limit: usize) -> Result<(Vec<Quarantined>, bool), StoreError> {
        let query = self.query(&self.tables.deliveries, [Is("pk", text(QUARANTINE_PK))]);
        let (items, next) = query.first(limit, None).await?;
        Ok((items.iter().map(quarantined_of).collect(), next.is_some()))
    }

    /// Reads one quarantined record; `None` if there is none with that id. Needs `GetItem` on the Deliveries table; no
    /// deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn quarantined_record(&self, id: &str) -> Result<Option<Quarantined>, StoreError> {
        let item = self.get_item(&self.tables.deliveries, key(QUARANTINE_PK, id)).await?;
        Ok(item.as_ref().map(quarantined_of))
    }

    /// Deletes a quarantined record. Returns false if there is none with that id. Needs `DeleteItem` on the Deliveries
    /// table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn delete_quarantined(&self, id: &str) -> Result<bool, StoreError> {
        let delete = Write::delete(&self.tables.deliveries, key(QUARANTINE_PK, id));
        Ok(self.delete_item(delete.only_if(Exists("pk"))).await?.is_ok())
    }

    /// Reads an item of the Events table as it is, whether or not it has the form of an event. Needs `GetItem` on the
    /// Events table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn event_image(&self, partition: &str, event: &str) -> Result<Option<Item>, StoreError> {
        self.get_item(&self.tables.events, key(partition, event)).await
    }
}

fn quarantined_of(item: &Item) -> Quarantined {
    Quarantined {
        id: text_of(item, "sk").to_owned(),
        reason: text_of(item, "reason").to_owned(),
        record: text_of(item, "record").to_owned(),
        since: moment_of(item, "since").unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_names_its_event_even_if_it_is_cut() {
        let of = |id: &str, record: &str| {
            let (id, record) = (id.to_owned(), record.to_owned());
            Quarantined { id, reason: String::new(), record, since: Timestamp(0) }.event_key()
        };
        let key = Some(("acme#20250331#1".to_owned(), "01X".to_owned()));
        let whole = r#"{"dynamodb":{"Keys":{"pk":{"S":"acme#20250331#1"},"sk":{"S":"01X"}},"NewImage":{"data":{"S":"#;
        assert_eq!(of("17", whole), key);
        assert_eq!(of("17", &whole.replace("\"Keys\":", "\"Keys\": ")), key);
        assert_eq!(of("acme#20250331#1 01X", r#"{"dynamodb":{"NewImage":"#), key, "a replayed record");
        for cut in ["", "{}", r#"{"dynamodb":{"Keys":{"pk":{"S":"acme#2025"#, r#"{"dynamodb":{"Keys":{"pk":{"N":"1"}}"#]
        {
            assert_eq!(of("17", cut), None, "{cut}");
        }
    }
}
