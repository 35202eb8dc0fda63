//! Project activities on the wire, in the shape of SD Elements' activities API. Publishing them and their ULID ids are
//! Outhook's own.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Failure,
    fields::{Fields, Text},
};
use crate::domain::{Event, EventId, Moment, OrganizationId, Timestamp};

pub(super) const NAME: Text = Text { most: 100, blank: false };
pub(super) const TEXT: Text = Text { most: 10_000, blank: true };
pub(super) const WORD: Text = Text { most: 100, blank: true };

/// An activity, its keys in the documented order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Activity"))]
pub struct ActivityBody {
    id: EventId,
    name: String,
    actor: Value,
    text: Value,
    date: Moment,
    data: Value,
    icon: Value,
    log_level: Value,
}

impl From<&Event> for ActivityBody {
    fn from(event: &Event) -> Self {
        let part = |name: &str| event.data.get(name).cloned().unwrap_or(Value::Null);
        Self {
            id: event.id,
            name: event.event_type.clone(),
            actor: part("actor"),
            text: part("text"),
            date: event.time.into(),
            // Events of other producers are shown whole.
            data: event.data.get("data").cloned().unwrap_or_else(|| event.data.clone()),
            icon: part("icon"),
            log_level: part("log_level"),
        }
    }
}

/// What publishing an activity takes.
#[derive(Clone, Debug, PartialEq)]
pub struct NewActivity {
    name: String,
    date: Option<Timestamp>,
    data: Value,
}

impl NewActivity {
    /// Reads a body: `name` (required: the activity's type, letters ending in `Activity`), `actor` (an integer), `text`,
    /// `date` (ISO 8601, UTC without an offset; the present unless given), `data` (an object), `icon` and `log_level`.
    ///
    /// # Errors
    ///
    /// 400 with what is wrong with each field.
    pub fn parse(body: &Value) -> Result<Self, Failure> {
        let mut fields = Fields::of(body, false)?;
        let mut data = Map::new();
        let name = fields.text("name", true, &NAME);
        let known = |name: &String| name.ends_with("Activity") && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if let Some(name) = name.as_ref().filter(|name| !known(name)) {
            fields.fail("name", format!("\"{name}\" is not a valid choice."));
        }
        data.insert("actor".to_owned(), json!(fields.integer("actor")));
        data.insert("text".to_owned(), json!(fields.text("text", false, &TEXT).unwrap_or_default()));
        let date = fields.date_time("date", &WORD);
        data.insert("data".to_owned(), fields.object("data").cloned().unwrap_or_else(|| json!({})));
        data.insert("icon".to_owned(), json!(fields.text("icon", false, &WORD).unwrap_or_default()));
        data.insert("log_level".to_owned(), json!(fields.text("log_level", false, &WORD).unwrap_or_default()));
        fields.finish(name.map(|name| Self { name, date, data: Value::Object(data) }))
    }

    /// The event that this activity is, accepted at `now`.
    #[must_use]
    pub fn event(self, organization: OrganizationId, project: String, id: EventId, now: Timestamp) -> Event {
        Event {
            id,
            organization,
            project: Some(project),
            event_type: self.name,
            time: self.date.unwrap_or(now),
            request: None,
            user: None,
            data: self.data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_activity_comes_back_as_it_was_published() {
        let body = json!({
            "name": "CreatedProjectActivity", "actor": 1,
            "text": "Admin Testerton created project 123444321 in application Flipism",
            "date": "2016-10-31T19:20:13.887289Z",
            "data": {"project_desc": "123444321", "application_desc": "Flipism", "project": 11, "application": 5,
                "business_unit": 1, "business_unit_desc": "Test BU"},
            "icon": "createProject", "log_level": "create"
        });
        let organization = OrganizationId::parse("acme").unwrap();
        let id = EventId::new(Timestamp(0), 0);
        let event = NewActivity::parse(&body).unwrap().event(organization, "11".to_owned(), id, Timestamp(0));
        insta::assert_snapshot!(serde_json::to_string(&ActivityBody::from(&event)).unwrap(), @r#"{"id":"00000000000000000000000000","name":"CreatedProjectActivity","actor":1,"text":"Admin Testerton created project 123444321 in application Flipism","date":"2016-10-31T19:20:13.887Z","data":{"project_desc":"123444321","application_desc":"Flipism","project":11,"application":5,"business_unit":1,"business_unit_desc":"Test BU"},"icon":"createProject","log_level":"create"}"#);
    }

    #[test]
    fn what_is_wrong_is_said_by_field() {
        let body = json!({"name": "x y", "actor": "a", "date": "yesterday", "data": []});
        insta::assert_snapshot!(crate::http::Reply::from(NewActivity::parse(&body).unwrap_err()).body.unwrap(), @r#"{"name":["\"x y\" is not a valid choice."],"actor":["A valid integer is required."],"date":["Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."],"data":["Expected a dictionary of items but got type \"list\"."]}"#);
    }
}
