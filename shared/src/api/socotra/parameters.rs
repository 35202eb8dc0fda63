//! Parses the parameters that select a part of a list.

use crate::api::common::{Parameters, Problems};

/// Reads `offset` (0 by default) and `count` (100 by default, at most 200). A `count` of 0 asks for a page without
/// items.
pub(super) fn window(parameters: &Parameters<'_>, problems: &mut Problems) -> (usize, usize) {
    let offset = parameters.integer("offset", 0, MOST_OFFSET, problems).unwrap_or(0);
    (offset, parameters.integer("count", 0, MOST_COUNT, problems).unwrap_or(DEFAULT_COUNT))
}

/// The largest `offset`. Socotra's documents give `offset` and `count` the type `int`.
pub(super) const MOST_OFFSET: usize = i32::MAX as usize;
pub(super) const DEFAULT_COUNT: usize = 100;
/// The largest `count`. A Lambda reply can hold this many webhooks even with the largest headers.
pub(super) const MOST_COUNT: usize = 200;

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{api::socotra::SocotraFailure, http::Request};

    /// A request with these query parameters.
    pub(in super::super) fn asking(query: &[(&str, &str)]) -> Request {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { query, ..Request::default() }
    }

    fn window(query: &[(&str, &str)]) -> Result<(usize, usize), SocotraFailure> {
        let (request, mut problems) = (asking(query), Problems::default());
        let window = super::window(&Parameters::of(&request), &mut problems);
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
}
