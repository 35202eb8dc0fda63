//! What an event has to say, whatever its producer put into it.

use serde_json::Value;

use crate::domain::Event;

/// An event's facts. An activity holds its own `data` inside the event's; other producers may put the same keys there
/// directly.
pub(super) struct Facts<'a> {
    event: &'a Event,
}

impl<'a> Facts<'a> {
    pub(super) fn of(event: &'a Event) -> Self {
        Self { event }
    }

    /// What kind of thing happened.
    pub(super) fn title(&self) -> String {
        let kind = self.event.event_type.strip_suffix("Activity").unwrap_or(&self.event.event_type);
        match (kind, self.named("project")) {
            ("CreatedProject", Some(project)) => format!("Project created: {project}"),
            ("CreatedProject", None) => "Project created".to_owned(),
            (kind, Some(project)) => format!("{kind}: {project}"),
            (kind, None) => kind.to_owned(),
        }
    }

    /// The producer's own sentence, or one made of the facts.
    pub(super) fn sentence(&self) -> String {
        if let Some(text) = self.event.data.get("text").and_then(shown) {
            return text;
        }
        match self.named("application") {
            Some(application) => format!("{} in application {application}", self.title()),
            None => self.title(),
        }
    }

    /// One line of a digest: the sentence, and the project if the sentence does not name it.
    pub(super) fn line(&self) -> String {
        let sentence = self.sentence();
        match self.named("project").filter(|project| !sentence.contains(project.as_str())) {
            Some(project) => format!("{project}: {sentence}"),
            None => sentence,
        }
    }

    /// Names and values for the table under the sentence; never empty.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let named = [("Project", "project"), ("Application", "application"), ("Business unit", "business_unit")];
        let known = named.into_iter().filter_map(|(label, key)| self.named(key).map(|value| (label, value)));
        known.chain([("When", self.event.time.to_string())]).collect()
    }

    /// A thing's display text, or else its id.
    fn named(&self, key: &str) -> Option<String> {
        let inner = self.event.data.get("data").filter(|data| data.is_object()).unwrap_or(&self.event.data);
        let text = inner.get(format!("{key}_desc")).and_then(shown).or_else(|| inner.get(key).and_then(shown));
        text.or_else(|| if key == "project" { self.event.project.clone() } else { None })
    }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
