//! Pagination by cursor, newest first, for lists that grow at the front. (DRF pagination.CursorPagination.)

use serde::Serialize;

use super::{SdElementsFailure, pagination, query_string::with_parameter};
use crate::{
    domain::EventId,
    encoding::{base64_url, from_base64_url},
    http::Request,
};

/// A position in the list and the direction in which to read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Whether to read towards newer items instead of older ones.
    pub reverse: bool,
    /// The item after which the page begins, in the direction of reading. The page does not contain it.
    pub from: EventId,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let text = String::from_utf8(from_base64_url(text)?).ok()?;
        let (direction, from) = text.split_at_checked(1)?;
        let reverse = match direction {
            "n" => false,
            "p" => true,
            _ => return None,
        };
        Some(Self { reverse, from: from.parse().ok()? })
    }

    fn text(self) -> String {
        base64_url(format!("{}{}", if self.reverse { 'p' } else { 'n' }, self.from).as_bytes())
    }
}

/// The page that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorQuery {
    /// Where the page begins. Without a cursor, it begins with the newest item.
    pub cursor: Option<Cursor>,
    /// The largest number of items on the page: `page_size`, but at most 100; 20 by default.
    pub size: usize,
}

impl CursorQuery {
    /// Reads `cursor` and `page_size`.
    ///
    /// # Errors
    ///
    /// 404 if `cursor` is not a valid cursor.
    pub fn parse(request: &Request) -> Result<Self, SdElementsFailure> {
        let cursor = match request.parameter("cursor").filter(|text| !text.is_empty()) {
            Some(text) => Some(Cursor::parse(text).ok_or(SdElementsFailure::InvalidCursor)?),
            None => None,
        };
        Ok(Self { cursor, size: pagination::size(request) })
    }
}

/// A page of such a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "{T}Page"))]
pub struct CursorPage<T> {
    next: Option<String>,
    previous: Option<String>,
    results: Vec<T>,
}

impl<T> CursorPage<T> {
    /// Builds the page with its links. `ids` are those of `results`, newest first. `more` is the last item that was
    /// examined in the direction of the query, if there may be items after it.
    #[must_use]
    pub fn new(request: &Request, query: CursorQuery, ids: &[EventId], more: Option<EventId>, results: Vec<T>) -> Self {
        let link = |reverse: bool, from: Option<&EventId>| {
            from.map(|from| with_parameter(request, "cursor", Some(&Cursor { reverse, from: *from }.text())))
        };
        let reverse = query.cursor.is_some_and(|cursor| cursor.reverse);
        let (older, newer) = if reverse {
            (ids.last(), more.as_ref())
        } else {
            (more.as_ref(), ids.first().filter(|_| query.cursor.is_some()))
        };
        let (next, previous) = (link(false, older), link(true, newer));
        Self { next, previous, results }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn cursors_read_back() {
        for reverse in [true, false] {
            let cursor = Cursor { reverse, from: EventId::new(Timestamp(5), 7) };
            assert_eq!(Cursor::parse(&cursor.text()), Some(cursor));
        }
        for text in ["", "x", "bg", "////", "é"] {
            assert_eq!(Cursor::parse(text), None);
        }
    }
}
