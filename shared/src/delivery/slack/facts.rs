//! Finds the facts that a message shows of an event. The event's data may be anything.

use serde_json::value::RawValue;

use super::{
    escape::{FALLBACK, clean, escaped, shortened},
    markdown,
    moment::moment,
    operational::Operational,
    readable::{readable, string},
};
use crate::domain::{Event, EventSource, members};

/// The members that are looked for in an event's data, and in the `data` of the activity within it.
const KEYS: [&str; 7] =
    ["project_desc", "project", "application_desc", "application", "business_unit_desc", "business_unit", "actor"];

/// The longest name within a line, in UTF-16 units once escaped. The table of a single message shows names whole.
const NAME: usize = 100;

/// The known facts of an event. The texts are not escaped yet.
pub(super) struct Facts<'a> {
    event: &'a Event,
    /// The project's name, or else its id.
    pub(super) project: Option<String>,
    /// The application's name, or else its id.
    pub(super) application: Option<String>,
    /// The business unit's name, or else its id.
    pub(super) business_unit: Option<String>,
    /// The name of the person who acted, or else `user` and an id.
    pub(super) who: Option<String>,
    /// The activity's `text`, without Markdown.
    pub(super) sentence: Option<String>,
    /// What an operational event tells; such an event has none of the facts above.
    pub(super) operational: Option<Operational>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(event: &'a Event) -> Self {
        // An activity has these members one level down. An event put directly into the table may have them at the top.
        let [inner, sentence] = event.data.members(["data", "text"]);
        let inner = inner.and_then(|inner| members(inner.get(), KEYS).ok()).unwrap_or_default();
        let outer = event.data.members(KEYS);
        let find = |key: &str| {
            let at = KEYS.iter().position(|known| *known == key)?;
            [inner[at], outer[at]].into_iter().flatten().find_map(text_of)
        };
        let named = |key: &str| find(&format!("{key}_desc")).or_else(|| find(key));
        let sentence = sentence.and_then(text_of).map(|text| markdown::plain(&text));
        let named_who = sentence.as_deref().and_then(who_created);
        let who = named_who.or_else(|| find("actor").map(|actor| format!("user {actor}")));
        Self {
            event,
            project: named("project").or_else(|| event.project.clone().filter(|project| !project.trim().is_empty())),
            application: named("application"),
            business_unit: named("business_unit"),
            who,
            sentence,
            operational: Operational::of(event),
        }
    }

    /// The event's source, for which messages have a wording of their own; `None` for any other event type.
    pub(super) fn source(&self) -> Option<EventSource> {
        EventSource::parse(&self.event.event_type)
    }

    /// The title: `New project: 123444321`, or the event's type if that is unknown.
    pub(super) fn title(&self) -> String {
        if let Some(operational) = &self.operational {
            return operational.line();
        }
        match self.source() {
            Some(EventSource::CreatedProjectActivity) => match &self.project {
                Some(project) => format!("New project: {}", clean(project)),
                None => "New project".to_owned(),
            },
            None => self.event.event_type.clone(),
        }
    }

    /// The rows of the table in a single message: label and value.
    pub(super) fn rows(&self) -> Vec<(&'static str, String)> {
        let known = [
            ("Project", &self.project),
            ("Application", &self.application),
            ("Business unit", &self.business_unit),
            ("By", &self.who),
        ];
        let known = known.into_iter().filter_map(|(label, value)| value.clone().map(|value| (label, value)));
        known.chain([("When", moment(self.event.time))]).collect()
    }

    /// The `text` of a single message, which notifications show: one line, escaped.
    pub(super) fn fallback(&self) -> String {
        let details = self.details();
        let title = shortened(&clean(&self.title()), 2 * NAME);
        escaped(&format!("{title} ({details})"), FALLBACK)
    }

    /// The event's name in a digest: the project's name, with the event's type before it if that is unknown, or else
    /// the event's type and id.
    pub(super) fn short_name(&self) -> String {
        if let Some(operational) = &self.operational {
            return operational.line();
        }
        let name = self.project.as_deref().map(|project| shortened(&clean(project), NAME));
        let event_type = shortened(&clean(&self.event.event_type), NAME);
        match (name, self.source()) {
            (Some(name), Some(EventSource::CreatedProjectActivity)) => name,
            (Some(name), None) => format!("{event_type}: {name}"),
            (None, _) => format!("{event_type} {}", self.event.id),
        }
    }

    /// The known details, such as `in application Flipism, by Admin Testerton, 2016-10-31 19:20:13 UTC`.
    pub(super) fn details(&self) -> String {
        if let Some(operational) = &self.operational {
            return operational.details();
        }
        let short = |text: &String| shortened(&clean(text), NAME);
        let place = match (&self.application, &self.business_unit) {
            (Some(application), Some(unit)) => Some(format!("in application {}, {}", short(application), short(unit))),
            (Some(application), None) => Some(format!("in application {}", short(application))),
            (None, Some(unit)) => Some(format!("in {}", short(unit))),
            (None, None) => None,
        };
        let who = self.who.as_ref().map(|who| format!("by {}", short(who)));
        place.into_iter().chain(who).chain([moment(self.event.time)]).collect::<Vec<_>>().join(", ")
    }
}

/// A JSON value as text, cleaned; `None` if it is null or has nothing visible. A number keeps its digits.
fn text_of(value: &RawValue) -> Option<String> {
    let text = match value.get() {
        "null" => return None,
        text if text.starts_with('"') => string(text),
        other => readable(other),
    };
    let text = clean(&text);
    (text != super::escape::NOTHING).then_some(text)
}

/// The name of the person in a sentence such as `Admin Testerton created project 123444321 in application Flipism`.
fn who_created(sentence: &str) -> Option<String> {
    let (who, _) = sentence.split_once(" created project ")?;
    let who = who.trim();
    (!who.is_empty()).then(|| who.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_actor_comes_before_the_verb() {
        assert_eq!(
            who_created("Admin Testerton created project X in application Y").as_deref(),
            Some("Admin Testerton")
        );
        assert_eq!(who_created("created project X"), None);
        assert_eq!(who_created(" created project X"), None);
    }
}
