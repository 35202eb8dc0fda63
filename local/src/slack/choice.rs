//! What the buttons of the page tell a path to answer, and the form that they send.

use url::form_urlencoded;

use super::behaviour::Behaviour;

/// How long a path that answers slowly takes. It is less than the ten seconds after which Outhook gives up an attempt.
const SLOWLY_MS: u64 = 5_000;

/// A button.
pub(super) struct Choice {
    /// What the form sends.
    pub(super) value: &'static str,
    /// What the button says.
    pub(super) label: &'static str,
    /// What the button is for, where the label is short.
    pub(super) hint: &'static str,
}

/// The buttons in the order of the page.
pub(super) const CHOICES: [Choice; 5] = [
    Choice { value: "usual", label: "as Slack", hint: "Answer as usual: as Slack below /services/, else 200" },
    Choice { value: "500", label: "500", hint: "Answer 500, which is tried again later" },
    Choice { value: "404", label: "404", hint: "Answer 404, which suspends the webhook" },
    Choice { value: "429", label: "429", hint: "Answer 429 with Retry-After: 10" },
    Choice { value: "slowly", label: "slowly", hint: "Answer 200 after five seconds" },
];

/// Reads a form that a button sent: the path, and what it answers from now on; `None` for as usual. Says what is wrong with any
/// other form.
pub(super) fn read(form: &str) -> Result<(String, Option<Behaviour>), &'static str> {
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(form.as_bytes());
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let path = value("path");
    if !path.starts_with('/') || path.contains('?') {
        return Err("path: begins with / and has no query");
    }
    let behaviour = match value("answer").as_str() {
        "usual" => None,
        "500" => Some(Behaviour::lasting(500, "", &[], 0)),
        "404" => Some(Behaviour::lasting(404, "no_service", &[], 0)),
        "429" => Some(Behaviour::lasting(429, "rate_limited", &[("Retry-After", "10")], 0)),
        "slowly" => Some(Behaviour::lasting(200, "ok", &[], SLOWLY_MS)),
        _ => return Err("answer: one of usual, 500, 404, 429 and slowly"),
    };
    Ok((path, behaviour))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_button_tells_its_path_something_else() {
        let words = CHOICES.map(|choice| {
            let (path, told) = read(&format!("path=%2Fa%2Bb%2F%C3%A9&answer={}", choice.value)).unwrap();
            assert_eq!(path, "/a+b/é");
            told.map_or("as usual".to_owned(), |told| told.words())
        });
        let wanted = [
            "as usual",
            "answers 500",
            "answers 404",
            "answers 429 with Retry-After: 10",
            "answers 200, after 5000 ms",
        ];
        assert_eq!(words, wanted);
    }

    #[test]
    fn other_forms_are_refused() {
        for form in ["", "path=/a", "answer=500", "path=a&answer=500", "path=/a?b&answer=500", "path=/a&answer=501"] {
            assert!(read(form).is_err(), "{form}");
        }
    }
}
