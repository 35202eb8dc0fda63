//! Publishing many events in few calls, each of them accepted or refused by itself.
//!
//! Three rules decide which events share a call:
//!
//! - *Order.* DynamoDB makes the writes of one call in any order, and the stream has them in that order. So events of one
//!   ordering key are in different calls, each made when the one before was answered: the stream then has them in the
//!   order of the batch, as if each had been published by itself. Events of different keys share a call.
//! - *Nothing twice.* An event with an idempotency key and the record of that key are written in one transaction, on the
//!   condition that there is no record. After a crash at any moment there are either both or none, so a repeat of the
//!   batch publishes exactly what is missing. Reading the records first would save nothing: two requests might read
//!   before either writes. A batch of puts without conditions cannot hold this, so only events without a key are in one.
//! - *Nothing lost.* What DynamoDB leaves unprocessed is written again until it is accepted or the time is up. The
//!   caller learns of each event that was not.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use futures_util::future::{join, join_all};

use super::{
    Store, StoreError,
    error::{failed, incomplete},
    events::weight,
    idempotency::{Idempotency, Published, earlier},
    values::{Item, text_of},
    write::{Part, Write},
};
use crate::domain::Event;

/// The most events in one call: as many writes as a `BatchWriteItem` may have. A transaction has twice as many.
const A_CALL: usize = 25;

/// The most bytes of event data in one call. A transaction may have 4 MB.
const BYTES_A_CALL: usize = 3 << 20;

/// After that time no further call begins. The function has 15 s, and a call may be retried for 5 s.
const PATIENCE: Duration = Duration::from_secs(8);

/// An event to be published, with the idempotency key under which it may be published only once.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The event.
    pub event: Event,
    /// The publisher's key; `None` if a repeat is a new event.
    pub idempotency: Option<Idempotency>,
}

/// An event of a batch whose turn it is: its position in the batch, its item, and its key.
struct Turn<'p> {
    at: usize,
    item: Item,
    event: &'p Event,
    idempotency: Option<&'p Idempotency>,
}

/// The results of some events, by their positions.
type Results = Vec<(usize, Result<Published, StoreError>)>;

impl Store {
    /// Accepts the events, each once for its idempotency key, and returns the result of each in their order. Events of
    /// one ordering key reach the stream in their order; their ids must rise in it. An error concerns only its event,
    /// which may then have been accepted or not. Begins no call after eight seconds. Needs `BatchWriteItem` on the
    /// Events table and, for idempotency keys, `PutItem` on the Events and the Webhooks table.
    pub async fn publish_all(&self, publications: &[Publication], shards: u32) -> Vec<Result<Published, StoreError>> {
        let start = self.clock.monotonic();
        let mut results: Vec<_> = publications.iter().map(|_| Err(StoreError::Contended)).collect();
        for turn in turns(publications) {
            if self.clock.monotonic().saturating_sub(start) > PATIENCE {
                break;
            }
            let of = |at: usize| {
                let Publication { event, idempotency } = &publications[at];
                Turn { at, item: self.accepted_item(event, shards), event, idempotency: idempotency.as_ref() }
            };
            let (keyed, plain) = turn.into_iter().map(of).partition(|turn| turn.idempotency.is_some());
            let transactions = calls(keyed).into_iter().map(|call| self.publish_once(call));
            let batches = calls(plain).into_iter().map(|call| self.put_events(call));
            let (once, plain) = join(join_all(transactions), join_all(batches)).await;
            for (at, result) in once.into_iter().chain(plain).flatten() {
                results[at] = result;
            }
        }
        results
    }

    /// Writes events and the records of their keys, all or none in one call. If keys were used before, that call says
    /// what for, and the other events are written by another one.
    async fn publish_once(&self, mut left: Vec<Turn<'_>>) -> Results {
        let mut results = Vec::new();
        while !left.is_empty() {
            match self.transact(left.iter().flat_map(|turn| self.parts(turn))).await {
                Ok(Ok(())) => results.extend(left.drain(..).map(|turn| (turn.at, Ok(Published::Accepted)))),
                Ok(Err(refused)) => {
                    // Each event has two parts: its key's record, and itself without a condition.
                    let known: HashMap<usize, Item> =
                        refused.into_iter().map(|(part, old)| (part / 2, old.unwrap_or_default())).collect();
                    let mut new = Vec::new();
                    for (place, turn) in left.into_iter().enumerate() {
                        match known.get(&place).zip(turn.idempotency) {
                            Some((old, idempotency)) => results.push((turn.at, Ok(earlier(old, idempotency)))),
                            None => new.push(turn),
                        }
                    }
                    left = new;
                }
                Err(error) => results.extend(left.drain(..).map(|turn| (turn.at, Err(error.clone())))),
            }
        }
        results
    }

    /// The record of an event's key and the event's item.
    fn parts(&self, turn: &Turn<'_>) -> Vec<Part> {
        let record = turn.idempotency.map(|idempotency| self.first_use(turn.event, &turn.item, idempotency).into());
        let put = Write::put(&self.tables.events, turn.item.clone()).into();
        record.into_iter().chain([put]).collect()
    }

    /// Writes events without keys, and again those that DynamoDB leaves unprocessed, for up to five seconds.
    async fn put_events(&self, turns: Vec<Turn<'_>>) -> Results {
        let places: HashMap<String, usize> = turns.iter().map(|turn| (turn.event.id.to_string(), turn.at)).collect();
        let mut left: Vec<Item> = turns.into_iter().map(|turn| turn.item).collect();
        let (mut failure, start) = (None, self.clock.monotonic());
        while !left.is_empty() {
            match self.put_batch(&left).await {
                Ok(rest) => left = rest,
                Err(error) => failure = Some(error),
            }
            if failure.is_none() && !left.is_empty() {
                failure = self.pause_for_conflict(start).await.err();
            }
            if failure.is_some() {
                break;
            }
        }
        let lost: Vec<usize> = left.iter().filter_map(|item| places.get(text_of(item, "sk")).copied()).collect();
        let result = |at: usize| match &failure {
            Some(error) if lost.contains(&at) => Err(error.clone()),
            _ => Ok(Published::Accepted),
        };
        places.into_values().map(|at| (at, result(at))).collect()
    }

    /// Puts events with one call, and returns those that were left unprocessed.
    async fn put_batch(&self, items: &[Item]) -> Result<Vec<Item>, StoreError> {
        let mut puts = Vec::new();
        for item in items {
            let put = PutRequest::builder().set_item(Some(item.clone())).build().map_err(|error| incomplete(&error))?;
            puts.push(WriteRequest::builder().put_request(put).build());
        }
        let call = self.client.batch_write_item().request_items(&self.tables.events, puts);
        let reply = call.send().await.map_err(|error| failed(&error))?;
        let left = reply.unprocessed_items.unwrap_or_default().into_values().flatten();
        Ok(left.filter_map(|write| write.put_request.map(|put| put.item)).collect())
    }
}

/// The positions of the events that are written in each turn: of those with one ordering key, or with one idempotency
/// key, each in another turn, in the order of the batch.
fn turns(publications: &[Publication]) -> Vec<Vec<usize>> {
    let (mut orders, mut keys) = (HashMap::new(), HashMap::new());
    let mut turns: Vec<Vec<usize>> = Vec::new();
    for (at, Publication { event, idempotency }) in publications.iter().enumerate() {
        let order = orders.entry(event.order()).or_insert(0);
        let key = idempotency.as_ref().map(|idempotency| keys.entry(&idempotency.key_hash).or_insert(0));
        let turn = key.as_ref().map_or(*order, |key| (**key).max(*order));
        *order = turn + 1;
        if let Some(key) = key {
            *key = turn + 1;
        }
        if turns.len() <= turn {
            turns.push(Vec::new());
        }
        turns[turn].push(at);
    }
    turns
}

/// Divides the events of a turn into calls.
fn calls(turns: Vec<Turn<'_>>) -> Vec<Vec<Turn<'_>>> {
    let (mut calls, mut bytes): (Vec<Vec<Turn<'_>>>, usize) = (Vec::new(), 0);
    for turn in turns {
        let more = turn.item.values().map(weight).sum::<usize>();
        match calls.last_mut().filter(|call| call.len() < A_CALL && bytes + more <= BYTES_A_CALL) {
            Some(call) => {
                bytes += more;
                call.push(turn);
            }
            None => {
                bytes = more;
                calls.push(vec![turn]);
            }
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EventId, JsonText, OrganizationId, Timestamp};

    fn publication(project: Option<&str>, key: Option<&str>, data: &str) -> Publication {
        let organization = OrganizationId::parse("acme").unwrap();
        let data = JsonText::parse(data).unwrap();
        let event = Event::new(EventId::new(Timestamp(0), 0), organization, "a".to_owned(), Timestamp(0), data);
        let idempotency =
            key.map(|key| Idempotency { key_hash: key.to_owned(), request_hash: String::new(), content_hash: None });
        Publication { event: Event { project: project.map(str::to_owned), ..event }, idempotency }
    }

    #[test]
    fn events_of_one_ordering_key_or_one_idempotency_key_take_turns() {
        let batch = [
            publication(Some("1"), None, "{}"),
            publication(Some("2"), Some("k"), "{}"),
            publication(Some("1"), None, "{}"),
            publication(None, None, "{}"),
            publication(Some("3"), Some("k"), "{}"),
            publication(Some("3"), None, "{}"),
            publication(None, Some("l"), "{}"),
        ];
        assert_eq!(turns(&batch), [vec![0, 1, 3], vec![2, 4, 6], vec![5]]);
    }

    #[test]
    fn a_call_has_at_most_25_events_and_3_mb() {
        let sizes = |count: usize, data: &str| {
            let batch: Vec<_> = (0..count).map(|_| publication(None, None, data)).collect();
            let turn = |(at, publication)| -> Turn<'_> {
                let Publication { event, .. }: &Publication = publication;
                Turn { at, item: crate::store::event_item(event, 1, 0), event, idempotency: None }
            };
            calls(batch.iter().enumerate().map(turn).collect()).iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(0, "{}"), [0; 0]);
        assert_eq!(sizes(60, "{}"), [25, 25, 10]);
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(250_000));
        assert_eq!(sizes(20, &large), [12, 8]);
    }
}
