//! Converts events to items and back. Reads a whole event from an item of the SDK, or an event without its data from a
//! stream record.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    attribute_json::{json_length, json_of},
    keys::{self, project_key, request_key},
    values::{Item, key, moment, number, text, text_of},
};
use crate::{
    domain::{Event, EventId, JsonText, MAX_DATA, MAX_HOPS, OrganizationId, Timestamp, WebhookKey, members},
    validation,
};

/// The longest request or user name, in characters.
const LONGEST: usize = 200;

/// The attributes of an event other than its data and those written only for an index.
const NAMES: [&str; 11] =
    ["pk", "sk", "organization", "type", "time", "project", "request", "user", "ordering_key", "about", "hops"];

/// Those of these attributes that are numbers.
const NUMBERS: [&str; 2] = ["time", "hops"];

/// An event without its data: enough to find out which webhooks want it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHead {
    /// The event's id.
    pub id: EventId,
    /// The partition of the Events table that holds it.
    pub partition: String,
    /// The organization whose webhooks may receive it.
    pub organization: OrganizationId,
    /// The project it happened in, if any.
    pub project: Option<String>,
    /// Its type.
    pub event_type: String,
    /// When it happened.
    pub time: Timestamp,
    /// The request that caused it, if the producer named one.
    pub request: Option<String>,
    /// The user who caused it, if the producer named one.
    pub user: Option<String>,
    /// The key within which its order is kept, if the producer gave one.
    pub ordering_key: Option<String>,
    /// The webhook that an operational event is about.
    pub about: Option<WebhookKey>,
    /// How many times what the event reports has come back through the service.
    pub hops: u32,
}

impl EventHead {
    /// The event with that data.
    fn with(self, data: JsonText) -> Event {
        let Self { id, organization, project, event_type, time, request, user, ordering_key, about, hops, .. } = self;
        Event { id, organization, project, event_type, time, request, user, ordering_key, about, hops, data }
    }
}

/// Makes the item of an event, in the format that `docs/events-table.md` documents; `shards` is the organization's.
#[must_use]
pub fn event_item(event: &Event, shards: u32, expires_at: i64) -> Item {
    let partition = keys::event_partition(&event.organization, event.id, shards);
    let mut item = key(partition, event.id.to_string());
    let mut set = |name: &str, value| item.insert(name.to_owned(), value);
    set("organization", text(event.organization.as_str()));
    set("type", text(&event.event_type));
    set("time", moment(event.time));
    set("data", text(event.data.as_str()));
    set("expires_at", number(expires_at));
    if let Some(project) = &event.project {
        set("project", text(project));
        set("project_key", text(project_key(&event.organization, project)));
    }
    if let Some(request) = &event.request {
        set("request", text(request));
        set("request_key", text(request_key(&event.organization, request)));
    }
    if let Some(user) = &event.user {
        set("user", text(user));
    }
    if let Some(ordering_key) = &event.ordering_key {
        set("ordering_key", text(ordering_key));
    }
    if let Some(about) = &event.about {
        set("about", text(about.to_string()));
    }
    if event.hops > 0 {
        set("hops", number(event.hops));
    }
    item
}

/// Reads the event from an item of the Events table, whether the service or a producer put it.
///
/// # Errors
///
/// A text that says which attribute is missing or wrong.
pub fn event_from_image(item: &Item) -> Result<Event, String> {
    let head = head_of(NAMES.map(|name| {
        let value = item.get(name)?;
        let text = if NUMBERS.contains(&name) { value.as_n() } else { value.as_s() };
        text.ok().map(|text| Cow::Borrowed(text.as_str()))
    }))?;
    let data = match item.get("data") {
        Some(value) if value.is_s() => JsonText::parse(text_of(item, "data")),
        Some(value) if value.is_m() => JsonText::parse(&json_of(value).map_err(|why| format!("`data`: {why}"))?),
        Some(_) => return Err("`data` is neither text nor a map".to_owned()),
        None => return Err("`data` is missing".to_owned()),
    };
    Ok(head.with(data.map_err(|why| format!("`data`: {why}"))?))
}

/// Reads the head of the event from a stream record's `NewImage`, given as its original JSON text (`{"pk": {"S":
/// "..."}, ...}`).
///
/// Accepts and rejects the same items as [`event_from_image`], but keeps nothing of `data` and never builds a tree of
/// it: a map is read as a stream, and a text is copied once and dropped.
///
/// # Errors
///
/// A text that says which attribute is missing or wrong.
pub fn event_head_from_image(image: &str) -> Result<EventHead, String> {
    let not_one = |why: serde_json::Error| format!("the image is not an item: {why}");
    let mut names = NAMES.into_iter();
    let found = members(image, NAMES).map_err(not_one)?;
    let head = head_of(found.map(|raw| raw.zip(names.next()).and_then(|(raw, name)| attribute(name, raw))))?;
    let [data] = members(image, ["data"]).map_err(not_one)?;
    let data = data.ok_or_else(|| "`data` is missing".to_owned())?;
    let [string, map] = members(data.get(), ["S", "M"]).map_err(not_one)?;
    let wrong = |why: &dyn std::fmt::Display| format!("`data`: {why}");
    match (string, map) {
        (Some(string), None) => {
            let data: String = serde_json::from_str(string.get()).map_err(|why| wrong(&why))?;
            JsonText::measure(&data).map_err(|why| wrong(&why))?;
        }
        (None, Some(_)) => {
            if json_length(data.get()).map_err(|why| wrong(&why))? > MAX_DATA {
                return Err("`data`: it is larger than 256 KB".to_owned());
            }
        }
        _ => return Err("`data` is neither text nor a map".to_owned()),
    }
    Ok(head)
}

/// The text of an attribute: a number or a string, depending on what `name` should be.
fn attribute<'i>(name: &str, raw: &'i RawValue) -> Option<Cow<'i, str>> {
    let [value] = members(raw.get(), [if NUMBERS.contains(&name) { "N" } else { "S" }]).ok()?;
    serde_json::from_str::<String>(value?.get()).ok().map(Cow::Owned)
}

/// The head of the event with those attributes, which are in the order of [`NAMES`].
fn head_of(attributes: [Option<Cow<'_, str>>; NAMES.len()]) -> Result<EventHead, String> {
    let [pk, sk, organization, event_type, time, project, request, user, ordering_key, about, hops] =
        attributes.map(|text| text.filter(|text| !text.is_empty()));
    let missing = |name: &str| format!("`{name}` is missing, empty or not a string");
    let id = sk.ok_or_else(|| missing("sk"))?.parse().map_err(|error| format!("`sk` is {error}"))?;
    let organization = organization.ok_or_else(|| missing("organization"))?;
    let organization =
        OrganizationId::parse(&organization).ok_or_else(|| "`organization` is not an organization's id".to_owned())?;
    let partition = pk.unwrap_or_default().into_owned();
    if !partition.starts_with(&format!("{organization}#")) {
        return Err("`pk` does not begin with the organization".to_owned());
    }
    let event_type = event_type.ok_or_else(|| missing("type"))?;
    let event_type = validation::event_type::check(&event_type).map_err(|why| format!("`type`: {why}"))?;
    let time = time.and_then(|time| time.parse().ok()).map(Timestamp).filter(|time| time.can_be_written());
    let time = time.ok_or_else(|| "`time` is missing or not a number of milliseconds".to_owned())?;
    // A project that cannot be part of a key would be looked up again and again, and DynamoDB would reject it each
    // time.
    if project.as_deref().is_some_and(|project| !validation::project::is_valid(project)) {
        return Err("`project` is not a project's id".to_owned());
    }
    let too_long = |name: &Option<Cow<'_, str>>| name.as_ref().is_some_and(|name| name.chars().count() > LONGEST);
    if too_long(&request) || too_long(&user) {
        return Err(format!("`request` or `user` is longer than {LONGEST} characters"));
    }
    let controls = |name: &Option<Cow<'_, str>>| name.as_ref().is_some_and(|name| name.chars().any(char::is_control));
    if controls(&request) || controls(&user) {
        return Err("`request` or `user` has a control character".to_owned());
    }
    if ordering_key.as_deref().is_some_and(|key| !validation::ordering_key::is_valid(key)) {
        return Err(format!("`ordering_key` is longer than {} characters", validation::ordering_key::MAX));
    }
    let hops = match hops {
        None => 0,
        Some(hops) => hops.parse().map_err(|_| "`hops` is not a whole number".to_owned())?,
    };
    if hops > MAX_HOPS {
        return Err(format!("`hops` is more than {MAX_HOPS}: the event is in a loop"));
    }
    let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
    Ok(EventHead {
        id,
        partition,
        organization,
        project: owned(project),
        event_type,
        time,
        request: owned(request),
        user: owned(user),
        ordering_key: owned(ordering_key),
        // A producer's own attribute of that name means nothing.
        about: about.and_then(|about| WebhookKey::parse(&about)),
        hops,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::types::AttributeValue;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::json_texts;

    fn event(data: &str) -> Event {
        Event {
            project: Some("11".to_owned()),
            request: Some("r".to_owned()),
            user: Some("u".to_owned()),
            ordering_key: Some("k".to_owned()),
            about: WebhookKey::parse("flip:a"),
            hops: 2,
            ..Event::new(
                EventId::new(Timestamp(1_743_416_100_000), 7),
                OrganizationId::parse("acme").unwrap(),
                "chat.message.sent".to_owned(),
                Timestamp(5),
                JsonText::parse(data).unwrap(),
            )
        }
    }

    fn image_of(item: &Item) -> String {
        serde_json::to_string(&serde_dynamo::Item::from(item.clone())).unwrap()
    }

    /// Reads the item with both readers, and returns the result, which must be the same.
    fn both(item: &Item) -> Result<Event, String> {
        let (whole, head) = (event_from_image(item), event_head_from_image(&image_of(item)));
        match (&whole, head) {
            (Ok(event), Ok(head)) => assert_eq!(&head.with(event.data.clone()), event),
            (whole, head) => assert_eq!(whole.is_ok(), head.is_ok(), "{whole:?} {head:?}"),
        }
        whole
    }

    fn with(name: &str, value: Option<AttributeValue>) -> Result<Event, String> {
        let mut item = event_item(&event("{}"), 4, 9);
        match value {
            Some(value) => item.insert(name.to_owned(), value),
            None => item.remove(name),
        };
        both(&item)
    }

    #[test]
    fn an_item_reads_back_whole_and_by_its_head() {
        let item = event_item(&event(r#"{"b":-0,"a":1e400}"#), 4, 9);
        assert_eq!(both(&item), Ok(event(r#"{"b":-0,"a":1e400}"#)));
        let head = event_head_from_image(&image_of(&item)).unwrap();
        assert_eq!(head.partition, "acme#20250331#3");
    }

    #[test]
    fn what_is_wrong_is_said_by_both_readers() {
        let string = |text: &str| Some(AttributeValue::S(text.to_owned()));
        let number = |text: &str| Some(AttributeValue::N(text.to_owned()));
        for (name, value, why) in [
            ("sk", None, "`sk` is missing, empty or not a string"),
            ("sk", string("x"), "`sk` is not a ULID"),
            ("pk", string("other#20250331#3"), "`pk` does not begin with the organization"),
            ("organization", string("a#b"), "`organization` is not an organization's id"),
            ("type", string(""), "`type` is missing, empty or not a string"),
            ("time", string("1"), "`time` is missing or not a number of milliseconds"),
            ("time", number("253402300799999"), "`time` is missing or not a number of milliseconds"),
            ("time", number("-62167219200001"), "`time` is missing or not a number of milliseconds"),
            ("time", number("1.5"), "`time` is missing or not a number of milliseconds"),
            ("project", string("a/b"), "`project` is not a project's id"),
            ("user", string("a\r\nb"), "`request` or `user` has a control character"),
            ("request", string(&"x".repeat(201)), "`request` or `user` is longer than 200 characters"),
            ("ordering_key", string(&"x".repeat(257)), "`ordering_key` is longer than 256 characters"),
            ("hops", number("5"), "`hops` is more than 4: the event is in a loop"),
            ("hops", number("-1"), "`hops` is not a whole number"),
            ("data", None, "`data` is missing"),
            ("data", string("[]"), "`data`: it is not an object"),
            ("data", string("{\"a\":"), "`data`: it is not valid JSON: EOF while parsing a value at line 1 column 5"),
            ("data", Some(AttributeValue::L(Vec::new())), "`data` is neither text nor a map"),
            ("data", string(&format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_DATA))), "`data`: it is larger than 256 KB"),
        ] {
            assert_eq!(with(name, value).unwrap_err(), why);
        }
        let long = AttributeValue::N("1".repeat(38));
        let much = AttributeValue::M(HashMap::from([("a".to_owned(), AttributeValue::L(vec![long; 7_000]))]));
        assert_eq!(with("data", Some(much)).unwrap_err(), "`data`: it is larger than 256 KB");
        for text in ["", "[]", "{}", "{\"pk\":1}", "{\"data\":{\"S\":\"{}\"}"] {
            assert!(event_head_from_image(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_digits_of_a_map_stay() {
        let big = AttributeValue::N("123456789012345678901234567890".to_owned());
        let read = with("data", Some(AttributeValue::M(HashMap::from([("n".to_owned(), big)])))).unwrap();
        assert_eq!(read.data.as_str(), r#"{"n":123456789012345678901234567890}"#);
    }

    proptest! {
        #[test]
        fn data_comes_out_of_the_table_as_it_went_in((spaced, dense) in json_texts()) {
            let read = both(&event_item(&event(&spaced), 4, 9)).unwrap();
            prop_assert_eq!(read.data.as_str(), dense);
        }
    }
}
