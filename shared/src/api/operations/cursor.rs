//! The cursor of a list: where the next page begins. It is opaque to clients and belongs to one list.

use std::fmt::Display;

use super::OperationsFailure;
use crate::{
    api::common::{FieldError, Parameters, Problems},
    domain::OrganizationId,
    encoding::{base64_url, from_base64_url, sha256_hex},
    http::Request,
};

/// How many hexadecimal digits of a digest bind a cursor to its list.
const SEAL: usize = 16;

/// The number of items on a page unless the caller asks for another.
pub const DEFAULT_LIMIT: usize = 20;

/// The most items on a page.
pub const MOST_LIMIT: usize = 100;

/// A list as a request asks for it: whose it is, and with which filters. A cursor continues only the list that gave it.
///
/// The seal keeps a client from using a cursor with other filters by mistake. It guards no secret: the lists show only
/// what belongs to the caller's organization, whatever the cursor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    identity: String,
    /// The most items on the page: 1 to 100.
    pub limit: usize,
}

impl List {
    /// Reads `limit`. All parameters other than `limit` and `cursor` are filters of the list.
    pub(super) fn of(organization: &OrganizationId, request: &Request, problems: &mut Problems) -> Self {
        let mut filters: Vec<_> =
            request.query.iter().filter(|(name, _)| name != "limit" && name != "cursor").collect();
        filters.sort();
        let path = request.path.as_str().trim_end_matches('/');
        let limit = Parameters::of(request).integer("limit", 1, MOST_LIMIT, problems).unwrap_or(DEFAULT_LIMIT);
        Self { identity: format!("{organization} {path} {filters:?}"), limit }
    }

    /// The cursor of a page that begins after `position`.
    #[must_use]
    pub fn cursor(&self, position: &impl Display) -> String {
        let position = position.to_string();
        base64_url(format!("{}{position}", self.seal(&position)).as_bytes())
    }

    /// Where the page begins, from the parameter `cursor`; `None` without one.
    ///
    /// # Errors
    ///
    /// 400 if this list has not given the cursor.
    pub fn position(&self, request: &Request) -> Result<Option<String>, OperationsFailure> {
        let Some(text) = request.parameter("cursor").filter(|text| !text.is_empty()) else { return Ok(None) };
        let sealed = from_base64_url(text).and_then(|bytes| String::from_utf8(bytes).ok());
        let position = sealed.as_deref().and_then(|text| text.split_at_checked(SEAL));
        let position = position.filter(|(seal, position)| *seal == self.seal(position));
        match position {
            Some((_, position)) => Ok(Some(position.to_owned())),
            None => Err(bad_cursor()),
        }
    }

    fn seal(&self, position: &str) -> String {
        let mut seal = sha256_hex(format!("cursor {position} {}", self.identity).as_bytes());
        seal.truncate(SEAL);
        seal
    }
}

/// Refuses any parameter.
///
/// # Errors
///
/// 400 with one error for each parameter.
pub fn no_parameters(request: &Request) -> Result<(), OperationsFailure> {
    let mut problems = Problems::default();
    Parameters::only(request, &[], &mut problems);
    problems.finish(())
}

/// The failure for a cursor that is not one of this list.
pub(super) fn bad_cursor() -> OperationsFailure {
    let message = "must be one that this list has given, with the same filters".to_owned();
    OperationsFailure::Invalid(vec![FieldError { field: "cursor".to_owned(), message }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(path: &str, query: &[(&str, &str)]) -> Request {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { query, path: path.into(), ..Request::default() }
    }

    fn list(organization: &str, request: &Request) -> List {
        List::of(&OrganizationId::parse(organization).unwrap(), request, &mut Problems::default())
    }

    #[test]
    fn a_cursor_belongs_to_one_list_of_one_organization() {
        let request = asking("/operations/webhooks", &[("state", "paused"), ("limit", "7")]);
        let cursor = list("acme", &request).cursor(&"flip:a");
        let again = |organization: &str, path: &str, query: &[(&str, &str)]| {
            let request = asking(path, &[query, &[("cursor", cursor.as_str())]].concat());
            list(organization, &request).position(&request)
        };
        let found = Ok(Some("flip:a".to_owned()));
        assert_eq!(again("acme", "/operations/webhooks/", &[("limit", "9"), ("state", "paused")]), found);
        assert_eq!(again("other", "/operations/webhooks", &[("state", "paused")]), Err(bad_cursor()));
        assert_eq!(again("acme", "/operations/events", &[("state", "paused")]), Err(bad_cursor()));
        assert_eq!(again("acme", "/operations/webhooks", &[]), Err(bad_cursor()));
        for text in ["x", "e30", "é", "////", &cursor[1..], &cursor[..20]] {
            let request = asking("/operations/webhooks", &[("state", "paused"), ("cursor", text)]);
            assert_eq!(list("acme", &request).position(&request), Err(bad_cursor()), "{text}");
        }
    }

    #[test]
    fn a_page_has_1_to_100_items() {
        let limit = |text: &str| {
            let (request, mut problems) = (asking("/operations/webhooks", &[("limit", text)]), Problems::default());
            let list = List::of(&OrganizationId::parse("acme").unwrap(), &request, &mut problems);
            problems.finish::<_, Vec<FieldError>>(list.limit)
        };
        assert_eq!((limit(""), limit("1"), limit("100")), (Ok(20), Ok(1), Ok(100)));
        for text in ["0", "101", "-1", "x", "1.0"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }
}
