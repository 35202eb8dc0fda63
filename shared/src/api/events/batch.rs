//! Batches of `POST /events`: up to 100 events in one request, each accepted or refused by itself.

use std::fmt;

use serde::{
    Deserializer as _, Serialize,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    event::{NewEvent, string},
    publishing::hops,
};
use crate::{
    api::sdelements::{SdElementsFailure, Wrong, body_text},
    domain::{BadJsonText, Caller, Event, EventId, check_json, members},
    encoding::sha256_hex,
    http::{Reply, Request},
    store::{Earlier, Idempotency, Publication, Published, Store, StoreError},
};

/// The most events in a batch.
pub(super) const MOST: usize = 100;

/// The largest body of a batch, in bytes: what Lambda takes with an invocation. (The gateway refuses it already if its
/// text takes more once it is quoted in the invocation's JSON.)
pub(super) const MOST_BYTES: usize = 6 << 20;

/// The longest `id_key`, in bytes.
pub(super) const LONGEST_KEY: usize = 255;

/// The reply to a batch.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "BatchResults"))]
pub struct BatchBody {
    /// For each event, in the order of the request, either its `id` or an `error`.
    pub results: Vec<BatchResult>,
}

/// What became of one event of a batch.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "BatchResult"))]
pub struct BatchResult {
    /// The id of the event, if it was accepted now or under the same `id_key` before.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<EventId>,
    /// Why the event was not accepted, as the body of an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    error: Option<Box<RawValue>>,
}

impl From<Result<EventId, SdElementsFailure>> for BatchResult {
    fn from(result: Result<EventId, SdElementsFailure>) -> Self {
        let body = |failure| Reply::from(failure).body.and_then(|body| RawValue::from_string(body).ok());
        match result {
            Ok(id) => Self { id: Some(id), error: None },
            Err(failure) => Self { id: None, error: body(failure) },
        }
    }
}

/// The events of a request, each valid or refused.
#[derive(Debug)]
pub struct Batch(Vec<Result<Keyed, SdElementsFailure>>);

/// A valid event of a batch.
#[derive(Debug)]
struct Keyed {
    new: NewEvent,
    id_key: Option<String>,
}

impl Batch {
    /// Reads the body's `events`: a list of 1 to 100 events as [`NewEvent::parse`] reads them, each with an optional
    /// `id_key` of 1 to 255 bytes. Returns `None` if the body has no `events`, which is then a single event's.
    ///
    /// # Errors
    ///
    /// 400 if `events` is not such a list, or there is an Idempotency-Key; 413 if the body is larger than 6 MB, 415 if
    /// its media type is not JSON. An event that is not valid does not fail the batch.
    pub fn read(request: &Request) -> Result<Option<Self>, SdElementsFailure> {
        let body = body_text(request, MOST_BYTES)?;
        let Ok([Some(events)]) = members(body, ["events"]) else { return Ok(None) };
        if events.get() == "null" {
            return Ok(None);
        }
        let refused = |message: &str| Err(SdElementsFailure::field("events", message));
        match listed(events) {
            None => refused("Expected a list of items."),
            Some(events) if events.is_empty() => refused("This list may not be empty."),
            Some(events) if events.len() > MOST => {
                refused(&format!("Ensure this field has no more than {MOST} elements."))
            }
            Some(_) if request.raw_header("idempotency-key").is_some() => {
                let message = "Each event of a batch has an id_key of its own instead.";
                Err(SdElementsFailure::field("Idempotency-Key", message))
            }
            Some(events) => Ok(Some(Self(events.into_iter().map(|event| Keyed::parse(event.get())).collect()))),
        }
    }
}

impl Keyed {
    fn parse(event: &str) -> Result<Self, SdElementsFailure> {
        if let Err(BadJsonText::TooDeep) = check_json(event) {
            let message = BadJsonText::TooDeep;
            return Err(SdElementsFailure::field("non_field_errors", format!("Not valid: {message}.")));
        }
        let key = members(event, ["id_key"]).ok().and_then(|[key]| key).filter(|key| key.get() != "null");
        let id_key = key.map(|key| string(key).filter(|key| (1..=LONGEST_KEY).contains(&key.len())));
        let wrong_key = ("id_key", Wrong::from("1 to 255 bytes are allowed."));
        match (NewEvent::parse(event), id_key) {
            (Ok(new), None) => Ok(Self { new, id_key: None }),
            (Ok(new), Some(Some(key))) => Ok(Self { new, id_key: Some(key) }),
            (Ok(_), Some(None)) => Err(SdElementsFailure::Validation(vec![wrong_key])),
            (Err(SdElementsFailure::Validation(mut wrong)), Some(None)) => {
                wrong.push(wrong_key);
                Err(SdElementsFailure::Validation(wrong))
            }
            (Err(failure), _) => Err(failure),
        }
    }

    /// The event as it is accepted now, with its key in the namespace of the header Idempotency-Key.
    fn publication(self, store: &Store, caller: &Caller, hops: u32) -> Publication {
        let Self { new, id_key } = self;
        let idempotency = id_key.map(|key| {
            let content = new.content_hash();
            Idempotency {
                key_hash: sha256_hex(key.as_bytes()),
                request_hash: content.clone(),
                content_hash: Some(content),
            }
        });
        let event = new.event(store, &caller.organization);
        Publication { event: Event { hops, ..event }, idempotency }
    }
}

/// The items of a JSON list, but no more than one over the most that are allowed; `None` if it is no list.
fn listed(list: &RawValue) -> Option<Vec<&RawValue>> {
    struct Items;
    impl<'de> Visitor<'de> for Items {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::new();
            while items.len() <= MOST
                && let Some(item) = list.next_element()?
            {
                items.push(item);
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(items)
        }
    }
    serde_json::Deserializer::from_str(list.get()).deserialize_seq(Items).ok()
}

/// Publishes the valid events of the batch and replies with the result of each: 201 if all were accepted, otherwise 207.
/// An event whose `id_key` was used before for the same event, by itself or in a batch, has the id that it was given
/// then.
///
/// # Errors
///
/// 400 if the hops are not a number, 508 if the events have come back through the service more than `MAX_HOPS` times.
pub async fn publish_batch(
    store: &Store,
    request: &Request,
    caller: &Caller,
    batch: Batch,
) -> Result<Reply, SdElementsFailure> {
    let hops = hops(request)?;
    let mut refused = Vec::new();
    let mut publications = Vec::new();
    for event in batch.0 {
        match event {
            // The ids rise in the order of the batch.
            Ok(event) => {
                publications.push(event.publication(store, caller, hops));
                refused.push(None);
            }
            Err(failure) => refused.push(Some(failure)),
        }
    }
    let published = store.publish_all(&publications, caller.organization.event_shards).await;
    let mut accepted = publications.iter().zip(published).map(|(publication, result)| id(publication, result));
    let results = refused.into_iter().map(|refused| match refused {
        Some(failure) => Err(failure),
        None => accepted.next().unwrap_or(Err(SdElementsFailure::Internal)),
    });
    let results: Vec<_> = results.map(BatchResult::from).collect();
    let status = if results.iter().all(|result| result.id.is_some()) { 201 } else { 207 };
    Ok(Reply::json(status, &BatchBody { results }))
}

/// The id of an event that was published, now or before.
fn id(publication: &Publication, result: Result<Published, StoreError>) -> Result<EventId, SdElementsFailure> {
    match result? {
        Published::Accepted => Ok(publication.event.id),
        Published::Repeated(Earlier::Event { id, .. }) => Ok(id),
        // The reply to a single event, as the version before kept it.
        Published::Repeated(Earlier::Answer(answer)) => {
            members(&answer, ["id"]).ok().and_then(|[id]| string(id?)?.parse().ok()).ok_or(SdElementsFailure::Internal)
        }
        Published::Mismatch => {
            let message = "This id_key was used for another event in the last 24 hours.";
            Err(SdElementsFailure::field("id_key", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn request(body: &str) -> Request {
        Request { body: body.as_bytes().to_vec(), ..Request::default() }
    }

    fn refused(body: &str) -> String {
        let failure = Batch::read(&request(body)).unwrap_err();
        Reply::from(failure).body.unwrap()
    }

    /// What is said of each event; nothing of those that are valid.
    fn errors(body: &str) -> String {
        let Batch(events) = Batch::read(&request(body)).unwrap().unwrap();
        let said =
            events.into_iter().map(|event| event.map_or_else(|e| Reply::from(e).body.unwrap(), |_| String::new()));
        said.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn only_a_list_of_1_to_100_events_is_a_batch() {
        let of = |count: usize| json!({"events": vec![json!({"type": "a", "data": {}}); count]}).to_string();
        assert!(Batch::read(&request(&of(1))).unwrap().is_some() && Batch::read(&request(&of(100))).unwrap().is_some());
        for single in ["", "{}", "[]", "x", r#"{"type": "a", "data": {"events": []}}"#, r#"{"events": null}"#] {
            assert!(Batch::read(&request(single)).unwrap().is_none(), "{single}");
        }
        insta::assert_snapshot!(refused(&of(101)), @r#"{"events":["Ensure this field has no more than 100 elements."]}"#);
        insta::assert_snapshot!(refused(r#"{"events": []}"#), @r#"{"events":["This list may not be empty."]}"#);
        for other in ["{}", "\"x\"", "1", "true"] {
            assert_eq!(refused(&format!("{{\"events\": {other}}}")), r#"{"events":["Expected a list of items."]}"#);
        }
        let mut keyed = request(&of(1));
        keyed.headers.insert("idempotency-key", http::HeaderValue::from_static("k"));
        let said = Reply::from(Batch::read(&keyed).unwrap_err()).body.unwrap();
        insta::assert_snapshot!(said, @r#"{"Idempotency-Key":["Each event of a batch has an id_key of its own instead."]}"#);
    }

    #[test]
    fn a_batch_may_be_larger_than_a_single_event() {
        let large = json!({"events": vec![json!({"type": "a", "data": {"a": "x".repeat(200_000)}}); 30]}).to_string();
        assert!(large.len() < MOST_BYTES && Batch::read(&request(&large)).unwrap().is_some());
        let most = Request { body: vec![b' '; MOST_BYTES + 1], ..Request::default() };
        assert_eq!(Batch::read(&most).unwrap_err(), SdElementsFailure::TooLarge);
    }

    #[test]
    fn each_event_is_refused_by_itself() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        let batch = format!(
            r#"{{"events": [
                {{"type": "a", "data": {{}}, "id_key": "k", "unknown": 1}},
                {{"type": "outhook.x", "id_key": ""}},
                {{"type": "a", "data": {{}}, "id_key": 1}},
                7,
                {{"type": "a", "data": {deep}}},
                {{"type": "a", "data": {{}}, "id_key": "{}"}},
                {{"type": "a", "data": {{}}, "id_key": null}}
            ]}}"#,
            "x".repeat(256)
        );
        insta::assert_snapshot!(errors(&batch));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}", list in "[\\[\\]{}\",:0-9a-z ]{0,30}") {
            let _ = Batch::read(&request(&text));
            let _ = Batch::read(&request(&format!("{{\"events\":{list}}}")));
            let _ = Batch::read(&request(&json!({"events": [text, {"id_key": list}]}).to_string()));
        }
    }
}
