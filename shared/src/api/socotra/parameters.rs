//! Parses query parameters. The last value of a repeated parameter counts, an empty one counts as absent, and unknown
//! ones are ignored. All errors are collected, so that one reply reports them together.

use super::object::Problems;
use crate::{domain::Timestamp, http::Request};

/// The query parameters of a request.
pub(super) struct Parameters<'r> {
    request: &'r Request,
}

impl<'r> Parameters<'r> {
    pub(super) fn of(request: &'r Request) -> Self {
        Self { request }
    }

    pub(super) fn text(&self, name: &str) -> Option<&'r str> {
        self.request.parameter(name).filter(|text| !text.is_empty())
    }

    pub(super) fn boolean(&self, name: &str, problems: &mut Problems) -> Option<bool> {
        let text = self.text(name)?;
        let known = text.to_ascii_lowercase().parse().ok();
        if known.is_none() {
            problems.add(name, "must be true or false");
        }
        known
    }

    /// Reads a whole number from `least` to `most`, written with ASCII digits only.
    pub(super) fn integer(&self, name: &str, least: usize, most: usize, problems: &mut Problems) -> Option<usize> {
        let text = self.text(name)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && (least..=most).contains(number));
        if number.is_none() {
            problems.add(name, format!("must be a whole number from {least} to {most}"));
        }
        number
    }

    pub(super) fn moment(&self, name: &str, problems: &mut Problems) -> Option<Timestamp> {
        let text = self.text(name)?;
        let moment = text.parse().ok();
        if moment.is_none() {
            problems.add(name, "must be an RFC 3339 date-time, for example 2025-03-31T10:15:00.000Z");
        }
        moment
    }

    /// Reads the values of a list. The parameter may be repeated, its values may be joined by commas, or both. Empty
    /// values are dropped.
    pub(super) fn list(&self, name: &str) -> Vec<&'r str> {
        let given = self.request.query.iter().filter(|(key, _)| key == name);
        let values = given.flat_map(|(_, values)| values.split(','));
        values.map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// Reads `offset` (0 by default) and `count` (100 by default, at most 200). A `count` of 0 asks for a page without
    /// items.
    pub(super) fn window(&self, problems: &mut Problems) -> (usize, usize) {
        let offset = self.integer("offset", 0, MOST_OFFSET, problems).unwrap_or(0);
        (offset, self.integer("count", 0, MOST_COUNT, problems).unwrap_or(DEFAULT_COUNT))
    }
}

/// The largest `offset`. Socotra's documents give `offset` and `count` the type `int`.
pub(super) const MOST_OFFSET: usize = i32::MAX as usize;
pub(super) const DEFAULT_COUNT: usize = 100;
/// The largest `count`. A Lambda reply can hold this many webhooks even with the largest headers.
pub(super) const MOST_COUNT: usize = 200;

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::api::socotra::SocotraFailure;

    /// A request with these query parameters.
    pub(in super::super) fn asking(query: &[(&str, &str)]) -> Request {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { query, ..Request::default() }
    }

    fn window(query: &[(&str, &str)]) -> Result<(usize, usize), SocotraFailure> {
        let (request, mut problems) = (asking(query), Problems::default());
        let window = Parameters::of(&request).window(&mut problems);
        problems.finish(window)
    }

    #[test]
    fn offsets_and_counts_have_limits() {
        assert_eq!(window(&[]), Ok((0, 100)));
        assert_eq!(window(&[("offset", ""), ("count", "0")]), Ok((0, 0)));
        assert_eq!(window(&[("offset", "7"), ("offset", "2147483647"), ("count", "200")]), Ok((2_147_483_647, 200)));
        for wrong in ["-1", "+1", "1.0", "x", " 1", "201", "99999999999999999999999"] {
            let message = "must be a whole number from 0 to 200";
            assert_eq!(window(&[("count", wrong)]), Err(SocotraFailure::field("count", message)), "{wrong}");
        }
        assert!(window(&[("offset", "-1")]).is_err() && window(&[("offset", "2147483648")]).is_err());
    }

    #[test]
    fn lists_may_be_repeated_and_joined() {
        let request = asking(&[("eventTypes", "a,b"), ("x", "y"), ("eventTypes", " c ,,"), ("eventTypes", "")]);
        assert_eq!(Parameters::of(&request).list("eventTypes"), ["a", "b", "c"]);
        assert!(Parameters::of(&request).list("other").is_empty());
    }

    #[test]
    fn booleans_and_moments_are_checked() {
        let mut problems = Problems::default();
        let request = asking(&[("a", "True"), ("b", "false"), ("c", "1"), ("d", "yesterday")]);
        let parameters = Parameters::of(&request);
        assert_eq!(parameters.boolean("a", &mut problems), Some(true));
        assert_eq!(parameters.boolean("b", &mut problems), Some(false));
        assert_eq!((parameters.boolean("c", &mut problems), parameters.moment("d", &mut problems)), (None, None));
        let Err(SocotraFailure::Invalid(errors)) = problems.finish(()) else { panic!("both are wrong") };
        assert_eq!(errors.len(), 2);
    }
}
