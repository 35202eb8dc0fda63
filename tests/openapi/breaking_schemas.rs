//! Which changes between two schemas break clients. A request may come to accept more, and a reply may come to promise more; the
//! opposite breaks clients. So each form that the narrower side allows must be allowed by the wider side: for a request the new schema
//! is the wider side, for a reply the old one.

use serde_json::{Map, Value, json};

use super::schemas::resolved;

/// Who reads what the schema describes: the API or its clients.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Reply,
}

/// The documents to which references of the old and the new schemas lead.
pub(super) struct Schemas<'d> {
    pub(super) old: &'d Value,
    pub(super) new: &'d Value,
}

/// A schema of one type, or of any.
type Form = Map<String, Value>;

impl Schemas<'_> {
    /// Reports each change that breaks clients, with its place.
    pub(super) fn compare(
        &self,
        direction: Direction,
        place: &str,
        old: &Value,
        new: &Value,
        report: &mut dyn FnMut(String),
    ) {
        let (before, after) = (forms(self.old, old, direction), forms(self.new, new, direction));
        let (narrow, wide) = if direction == Direction::Request { (&before, &after) } else { (&after, &before) };
        for form in narrow {
            // The form of the wider side that fits best, and what still breaks then.
            let fitting = wide.iter().filter(|other| holds_type(other, form)).map(|other| {
                let mut breaks = Vec::new();
                let (old, new) = if direction == Direction::Request { (form, other) } else { (other, form) };
                self.compare_forms(direction, place, old, new, &mut |what| breaks.push(what));
                breaks
            });
            match fitting.min_by_key(Vec::len) {
                Some(breaks) => breaks.into_iter().for_each(&mut *report),
                None if direction == Direction::Request => {
                    report(format!("{place} type changed: {} no longer accepted", type_of(form)));
                }
                None => report(format!("{place} type changed: {} newly possible", type_of(form))),
            }
        }
    }

    fn compare_forms(&self, direction: Direction, place: &str, old: &Form, new: &Form, report: &mut dyn FnMut(String)) {
        let (narrow, wide) = if direction == Direction::Request { (old, new) } else { (new, old) };
        compare_enums(direction, place, narrow, wide, report);
        if direction == Direction::Request {
            compare_limits(place, old, new, report);
        } else if old.get("format").is_some_and(|format| new.get("format") != Some(format)) {
            report(format!("{place} format changed"));
        }
        if let Some((old, new)) = old.get("items").zip(new.get("items")) {
            self.compare(direction, &format!("{place}[]"), old, new, report);
        }
        let none = json!({});
        if let (Some(old), Some(new)) = (old.get("additionalProperties"), new.get("additionalProperties")) {
            self.compare(direction, &format!("{place}.*"), old, new, report);
        }
        let members = |form: &Form| form.get("properties").unwrap_or(&none).as_object().unwrap().clone();
        let required = |form: &Form, name: &str| {
            form.get("required").is_some_and(|all| all.as_array().unwrap().contains(&json!(name)))
        };
        let (before, after) = (members(old), members(new));
        for (name, was) in &before {
            let place = format!("{place}.{name}");
            match after.get(name) {
                Some(now) => self.compare(direction, &place, was, now, report),
                None => report(format!("{place} removed")),
            }
            if direction == Direction::Reply && after.contains_key(name) && required(old, name) && !required(new, name)
            {
                report(format!("{place} no longer always there"));
            }
        }
        if direction == Direction::Request {
            let newly = after.keys().filter(|name| required(new, name) && !required(old, name));
            newly.for_each(|name| report(format!("{place}.{name} newly required")));
        }
    }
}

/// The forms between which a schema leaves the choice: one for each type.
fn forms(document: &Value, schema: &Value, direction: Direction) -> Vec<Form> {
    let schema = if schema["$ref"].is_string() && schema.as_object().unwrap().len() == 1 {
        resolved(document, schema)
    } else {
        schema
    };
    let Some(keywords) = schema.as_object() else {
        assert_eq!(*schema, json!(true), "nothing is valid for the schema {schema}");
        return vec![Form::new()];
    };
    let mut own = keywords.clone();
    let mut choices = Vec::new();
    for keyword in ["anyOf", "oneOf"] {
        choices.extend(own.shift_remove(keyword).and_then(|list| list.as_array().cloned()).into_iter().flatten());
    }
    choices.extend(own.get("$ref").map(|target| json!({"$ref": target})));
    if let Some(constant) = own.shift_remove("const") {
        own.insert("enum".to_owned(), json!([constant]));
    }
    // A choice between conditions on an object that is described beside it is no choice between types.
    let mut all: Vec<Form> = if choices.is_empty() || own.contains_key("properties") {
        let types = own.get("type").cloned();
        match types.as_ref().and_then(Value::as_array) {
            Some(types) => types.iter().map(|one| of_type(&own, one)).collect(),
            None => vec![own],
        }
    } else {
        choices.iter().flat_map(|choice| forms(document, choice, direction)).collect()
    };
    all = one_enum(all);
    if direction == Direction::Request {
        let others = schema["x-also-accepts"].as_array().into_iter().flatten();
        all.extend(others.flat_map(|other| forms(document, other, direction)));
    }
    all
}

/// Enums of one type as one enum.
fn one_enum(forms: Vec<Form>) -> Vec<Form> {
    let mut all: Vec<Form> = Vec::new();
    for form in forms {
        let words = form.get("enum").and_then(Value::as_array);
        let known = all.iter_mut().find(|known| type_of(known) == type_of(&form) && known.contains_key("enum"));
        match (words, known) {
            (Some(words), Some(known)) => known["enum"].as_array_mut().unwrap().extend(words.iter().cloned()),
            _ => all.push(form),
        }
    }
    all
}

fn of_type(schema: &Form, one: &Value) -> Form {
    let mut form = schema.clone();
    form.insert("type".to_owned(), one.clone());
    if one == "null" {
        form.shift_remove("enum");
    } else if let Some(words) = form.get_mut("enum").and_then(Value::as_array_mut) {
        words.retain(|word| !word.is_null());
    }
    form
}

fn type_of(form: &Form) -> &str {
    form.get("type").and_then(Value::as_str).unwrap_or("anything")
}

/// Whether everything of the narrower form's type has the wider one's.
fn holds_type(wide: &Form, narrow: &Form) -> bool {
    let (wide, narrow) = (type_of(wide), type_of(narrow));
    wide == "anything" || wide == narrow || (wide, narrow) == ("number", "integer")
}

fn compare_enums(direction: Direction, place: &str, narrow: &Form, wide: &Form, report: &mut dyn FnMut(String)) {
    let Some(allowed) = wide.get("enum").and_then(Value::as_array) else { return };
    match narrow.get("enum").and_then(Value::as_array) {
        Some(words) => {
            for word in words.iter().filter(|word| !allowed.contains(word)) {
                let how = if direction == Direction::Request { "no longer accepted" } else { "newly possible" };
                report(format!("{place} {word} {how}"));
            }
        }
        None if direction == Direction::Request => report(format!("{place} restricted to an enum")),
        None => report(format!("{place} no longer restricted to an enum")),
    }
}

/// Limits of requests that became narrower.
fn compare_limits(place: &str, old: &Form, new: &Form, report: &mut dyn FnMut(String)) {
    for name in ["maxLength", "maximum", "maxItems", "maxProperties", "minLength", "minimum", "minItems"] {
        let Some(now) = new.get(name).and_then(Value::as_f64) else { continue };
        let was = old.get(name).and_then(Value::as_f64);
        let narrower = was.is_none_or(|was| if name.starts_with("max") { now < was } else { now > was });
        if narrower {
            report(format!("{place} {name} narrowed"));
        }
    }
    for name in ["pattern", "format"] {
        if new.get(name).is_some_and(|now| old.get(name) != Some(now)) {
            report(format!("{place} {name} changed"));
        }
    }
}
