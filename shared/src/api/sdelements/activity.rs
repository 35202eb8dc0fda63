//! Project activities in requests and replies, in the shape of SD Elements' activities API. Publishing them and giving
//! them ULIDs as ids are Outhook's own.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    SdElementsFailure,
    fields::{Fields, Text, not_a_choice},
    python::{Dict, Str, Value, parse},
};
use crate::{
    api::events::said_of_data,
    domain::{Event, EventId, JsonText, Moment, Organization, Timestamp, members},
    store::Store,
};

pub(super) const NAME: Text = Text { most: 100, blank: false };
pub(super) const TEXT: Text = Text { most: 10_000, blank: true };
pub(super) const WORD: Text = Text { most: 100, blank: true };

/// An activity, its keys in the documented order. What the event's data says stands as it was published.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Activity"))]
pub struct ActivityBody<'a> {
    id: EventId,
    name: &'a str,
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Value"))]
    actor: Option<&'a RawValue>,
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Value"))]
    text: Option<&'a RawValue>,
    date: Moment,
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Value"))]
    data: &'a RawValue,
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Value"))]
    icon: Option<&'a RawValue>,
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Value"))]
    log_level: Option<&'a RawValue>,
}

impl<'a> From<&'a Event> for ActivityBody<'a> {
    fn from(event: &'a Event) -> Self {
        let [actor, text, data, icon, log_level] = event.data.members(["actor", "text", "data", "icon", "log_level"]);
        Self {
            id: event.id,
            name: &event.event_type,
            actor,
            text,
            date: event.time.into(),
            // Events of other producers may have no member `data`. All of their data is then shown.
            data: data.unwrap_or(event.data.raw()),
            icon,
            log_level,
        }
    }
}

/// A valid request to publish an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewActivity {
    name: String,
    date: Option<Timestamp>,
    data: JsonText,
}

/// An activity in the form of an event's data. `data` keeps its original text.
#[derive(Serialize)]
struct ActivityData<'a> {
    actor: Option<Box<RawValue>>,
    text: String,
    data: &'a RawValue,
    icon: String,
    log_level: String,
}

impl NewActivity {
    /// Parses the JSON text of a body. `name` is required: the activity's type, which consists of letters and ends in
    /// `Activity`. Optional are `actor` (an integer of any size), `text`, `date` (ISO 8601, UTC if it has no offset;
    /// the present by default), `data` (an object), `icon` and `log_level`.
    ///
    /// # Errors
    ///
    /// 400 with the messages for each invalid field.
    pub fn parse(body: &str) -> Result<Self, SdElementsFailure> {
        let (body, given) = apart(body)?;
        let mut fields = Fields::of(&body, false)?;
        let name = fields.text("name", true, &NAME);
        let known = |name: &String| name.ends_with("Activity") && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if let Some(name) = name.as_ref().filter(|name| !known(name)) {
            fields.fail("name", not_a_choice(name));
        }
        // The digits of an integer are valid JSON.
        let actor = fields.integer("actor").and_then(|digits| RawValue::from_string(digits).ok());
        let text = fields.text("text", false, &TEXT).unwrap_or_default();
        let date = fields.date_time("date");
        fields.object("data");
        let icon = fields.text("icon", false, &WORD).unwrap_or_default();
        let log_level = fields.text("log_level", false, &WORD).unwrap_or_default();
        let data = JsonText::of(&ActivityData { actor, text, data: given, icon, log_level });
        let data = data.map_err(|bad| fields.fail("data", said_of_data(&bad)));
        fields.finish(name.zip(data.ok()).map(|(name, data)| Self { name, date, data }))
    }

    /// Turns this into an event that is accepted now and has a new id. Its time is the time of acceptance unless the
    /// body gave a `date`.
    #[must_use]
    pub fn event(self, store: &Store, organization: &Organization, project: String) -> Event {
        self.accepted(store.new_event_id(organization, Some(&project)), organization, project)
    }

    fn accepted(self, id: EventId, organization: &Organization, project: String) -> Event {
        let Self { name, date, data } = self;
        let event = Event::new(id, organization.id.clone(), name, date.unwrap_or(id.time()), data);
        Event { project: Some(project), ..event }
    }
}

/// Returns the body with `data` replaced by an empty value of the same type, and the original text of `data`.
fn apart(body: &str) -> Result<(Value, &RawValue), SdElementsFailure> {
    const READ: [&str; 6] = ["name", "actor", "text", "date", "icon", "log_level"];
    let unreadable = |error: serde_json::Error| SdElementsFailure::Parse(error.to_string());
    let value = |text: &str| parse(text).map_err(SdElementsFailure::Parse);
    let empty = serde_json::from_str("{}").map_err(unreadable)?;
    let Ok([data]) = members(body, ["data"]) else { return Ok((value(body)?, empty)) };
    let mut fields = Vec::new();
    for (name, raw) in READ.into_iter().zip(members(body, READ).map_err(unreadable)?) {
        if let Some(raw) = raw {
            fields.push((Str::from(name), value(raw.get())?));
        }
    }
    if let Some(raw) = data {
        fields.push((Str::from("data"), of_its_kind(raw)));
    }
    Ok((Value::Dict(Dict::new(fields)), data.unwrap_or(empty)))
}

/// Returns an empty value of the same type, which takes no memory. Numbers, booleans and `null` are parsed as they are.
fn of_its_kind(raw: &RawValue) -> Value {
    match raw.get().as_bytes() {
        [b'{', ..] => Value::Dict(Dict::default()),
        [b'[', ..] => Value::List(Vec::new()),
        [b'"', ..] => Value::Str(Str::default()),
        _ => parse(raw.get()).unwrap_or(Value::None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::OrganizationId;

    fn shown(body: &str) -> String {
        let organization = OrganizationId::parse("acme").unwrap();
        let NewActivity { name, date, data } = NewActivity::parse(body).unwrap();
        let id = EventId::new(Timestamp(0), 0);
        serde_json::to_string(&ActivityBody::from(&Event::new(id, organization, name, date.unwrap_or_default(), data)))
            .unwrap()
    }

    fn refused(body: &str) -> String {
        crate::http::Reply::from(NewActivity::parse(body).unwrap_err()).body.unwrap()
    }

    #[test]
    fn the_documented_activity_comes_back_as_it_was_published() {
        let body = r#"{
            "name": "CreatedProjectActivity", "actor": 1,
            "text": "Admin Testerton created project 123444321 in application Flipism",
            "date": "2016-10-31T19:20:13.887289Z",
            "data": {"project_desc": "123444321", "application_desc": "Flipism", "project": 11, "application": 5,
                "business_unit": 1, "business_unit_desc": "Test BU"},
            "icon": "createProject", "log_level": "create"
        }"#;
        insta::assert_snapshot!(shown(body), @r#"{"id":"00000000000000000000000000","name":"CreatedProjectActivity","actor":1,"text":"Admin Testerton created project 123444321 in application Flipism","date":"2016-10-31T19:20:13.887Z","data":{"project_desc":"123444321","application_desc":"Flipism","project":11,"application":5,"business_unit":1,"business_unit_desc":"Test BU"},"icon":"createProject","log_level":"create"}"#);
        insta::assert_snapshot!(shown(r#"{"name": "XActivity"}"#), @r#"{"id":"00000000000000000000000000","name":"XActivity","actor":null,"text":"","date":"1970-01-01T00:00:00.000Z","data":{},"icon":"","log_level":""}"#);
    }

    #[test]
    fn an_actor_is_an_integer_however_it_is_written() {
        for (actor, digits) in
            [("1.0", "1"), ("\"1.0\"", "1"), ("18446744073709551616", "18446744073709551616"), ("-0", "0")]
        {
            let shown = shown(&format!(r#"{{"name": "XActivity", "actor": {actor}}}"#));
            assert!(shown.contains(&format!(r#""actor":{digits},"#)), "{shown}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_by_field() {
        let body = r#"{"name": "x y", "actor": "a", "date": "yesterday", "data": [1e400]}"#;
        insta::assert_snapshot!(refused(body), @r#"{"name":["\"x y\" is not a valid choice."],"actor":["A valid integer is required."],"date":["Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."],"data":["Expected a dictionary of items but got type \"list\"."]}"#);
        for (data, said) in [
            ("null", "This field may not be null."),
            ("1e400", "Expected a dictionary of items but got type \\\"float\\\"."),
            ("\"\\ud83d\"", "Expected a dictionary of items but got type \\\"str\\\"."),
            ("true", "Expected a dictionary of items but got type \\\"bool\\\"."),
        ] {
            let body = format!("{{\"name\":\"XActivity\",\"data\":{data}}}");
            assert_eq!(refused(&body), format!("{{\"data\":[\"{said}\"]}}"));
        }
        assert_eq!(refused("[]"), r#"{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}"#);
        let full = format!("{{\"name\":\"XActivity\",\"data\":{{\"a\":\"{}\"}}}}", "x".repeat(262_100));
        assert_eq!(refused(&full), r#"{"data":["At most 262144 bytes of JSON are allowed."]}"#);
    }

    proptest! {
        #[test]
        fn data_is_listed_as_it_was_published((spaced, dense) in crate::domain::json_texts()) {
            let shown = shown(&format!("{{\"name\":\"XActivity\",\"data\":{spaced},\"text\":\"\\u00e9\"}}"));
            prop_assert!(shown.contains(&format!("\"data\":{dense},\"icon\"")), "{}", shown);
        }
    }
}
