//! Parses query parameters. The last value of a repeated parameter counts, and an empty one counts as absent. All errors
//! are collected, so that one reply reports them together.

use super::object::Problems;
use crate::{domain::Timestamp, http::Request};

/// The query parameters of a request.
pub(in crate::api) struct Parameters<'r> {
    request: &'r Request,
}

impl<'r> Parameters<'r> {
    pub(in crate::api) fn of(request: &'r Request) -> Self {
        Self { request }
    }

    /// As [`Parameters::of`], and adds an error for each parameter that is not one of `names` or is given more than once,
    /// because a filter that was ignored would show something else than was asked for.
    pub(in crate::api) fn only(request: &'r Request, names: &[&str], problems: &mut Problems) -> Self {
        for (name, _) in request.query.iter().filter(|(name, _)| !names.contains(&name.as_str())) {
            problems.add(name.as_str(), "is not a known parameter");
        }
        for name in names.iter().filter(|name| request.query.iter().filter(|(given, _)| given == *name).count() > 1) {
            problems.add(*name, "may be given only once");
        }
        Self { request }
    }

    pub(in crate::api) fn text(&self, name: &str) -> Option<&'r str> {
        self.request.parameter(name).filter(|text| !text.is_empty())
    }

    pub(in crate::api) fn boolean(&self, name: &str, problems: &mut Problems) -> Option<bool> {
        let text = self.text(name)?;
        let known = text.to_ascii_lowercase().parse().ok();
        if known.is_none() {
            problems.add(name, "must be true or false");
        }
        known
    }

    /// Reads one of `all`, by its name.
    pub(in crate::api) fn choice<T: Copy>(
        &self,
        name: &str,
        all: &[T],
        name_of: fn(T) -> &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        let text = self.text(name)?;
        let found = all.iter().copied().find(|one| name_of(*one) == text);
        if found.is_none() {
            let names: Vec<_> = all.iter().copied().map(name_of).collect();
            problems.add(name, format!("must be one of {}", names.join(", ")));
        }
        found
    }

    /// Reads a whole number from `least` to `most`, written with ASCII digits only.
    pub(in crate::api) fn integer(
        &self,
        name: &str,
        least: usize,
        most: usize,
        problems: &mut Problems,
    ) -> Option<usize> {
        let text = self.text(name)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && (least..=most).contains(number));
        if number.is_none() {
            problems.add(name, format!("must be a whole number from {least} to {most}"));
        }
        number
    }

    pub(in crate::api) fn moment(&self, name: &str, problems: &mut Problems) -> Option<Timestamp> {
        let text = self.text(name)?;
        let moment = text.parse().ok();
        if moment.is_none() {
            problems.add(name, "must be an RFC 3339 date-time, for example 2025-03-31T10:15:00.000Z");
        }
        moment
    }

    /// Reads the values of a list. The parameter may be repeated, its values may be joined by commas, or both. Empty
    /// values are dropped.
    pub(in crate::api) fn list(&self, name: &str) -> Vec<&'r str> {
        let given = self.request.query.iter().filter(|(key, _)| key == name);
        let values = given.flat_map(|(_, values)| values.split(','));
        values.map(str::trim).filter(|value| !value.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::common::FieldError;

    /// A request with these query parameters.
    fn asking(query: &[(&str, &str)]) -> Request {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { query, ..Request::default() }
    }

    #[test]
    fn lists_may_be_repeated_and_joined() {
        let request = asking(&[("eventTypes", "a,b"), ("x", "y"), ("eventTypes", " c ,,"), ("eventTypes", "")]);
        assert_eq!(Parameters::of(&request).list("eventTypes"), ["a", "b", "c"]);
        assert!(Parameters::of(&request).list("other").is_empty());
    }

    #[test]
    fn an_unknown_filter_and_a_repeated_one_are_refused() {
        let mut problems = Problems::default();
        Parameters::only(&asking(&[("a", "1"), ("b", "2"), ("a", "1"), ("c", "3")]), &["a", "b"], &mut problems);
        let errors = problems.finish::<_, Vec<FieldError>>(()).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["c", "a"]);
    }

    #[test]
    fn booleans_and_moments_are_checked() {
        let mut problems = Problems::default();
        let request = asking(&[("a", "True"), ("b", "false"), ("c", "1"), ("d", "yesterday")]);
        let parameters = Parameters::of(&request);
        assert_eq!(parameters.boolean("a", &mut problems), Some(true));
        assert_eq!(parameters.boolean("b", &mut problems), Some(false));
        assert_eq!((parameters.boolean("c", &mut problems), parameters.moment("d", &mut problems)), (None, None));
        let errors = problems.finish::<_, Vec<FieldError>>(()).unwrap_err();
        assert_eq!(errors.len(), 2);
    }
}
