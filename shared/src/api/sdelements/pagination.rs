//! Pagination by page number. Source: docs/apis/sdelements.md ("page", "page_size", maximum 100). (DRF
//! pagination.PageNumberPagination.)

use serde::Serialize;

use super::{SdElementsFailure, python::int, query_string::with_parameter};
use crate::http::Request;

/// The number of items on a page if `page_size` does not say otherwise. SD Elements' documents name no number.
pub(super) const DEFAULT_SIZE: usize = 20;

/// The largest number of items on a page (docs/apis/sdelements.md).
pub(super) const MOST: usize = 100;

/// The largest product of page number and page size. No list is this long, so a farther page is refused without
/// reading.
const FARTHEST: usize = 1_000_000;

/// The page that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageQuery {
    size: usize,
    page: Option<usize>,
}

/// The position of a page in the whole list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The page's number, from 1.
    pub page: usize,
    /// How many items come before the page.
    pub skip: usize,
    /// The largest number of items on the page.
    pub limit: usize,
}

impl PageQuery {
    /// Reads `page` and `page_size`. An invalid size counts as 20, one above 100 as 100, and an empty `page` as 1.
    ///
    /// # Errors
    ///
    /// 404 if `page` is neither a positive number nor `last`, or is beyond any list.
    pub fn parse(request: &Request) -> Result<Self, SdElementsFailure> {
        let size = size(request);
        let page = match request.parameter("page") {
            None | Some("") => Some(1),
            Some("last") => None,
            Some(text) => Some(positive(text).ok_or(SdElementsFailure::InvalidPage)?),
        };
        if page.is_some_and(|page| page.saturating_mul(size) > FARTHEST) {
            return Err(SdElementsFailure::InvalidPage);
        }
        Ok(Self { size, page })
    }

    /// Returns where the page is. Returns `None` for the last page, because its position depends on the number of
    /// items.
    #[must_use]
    pub fn window(&self) -> Option<Window> {
        self.page.map(|page| self.at(page))
    }

    /// Returns where the last page is in a list of `count` items.
    #[must_use]
    pub fn last(&self, count: usize) -> Window {
        self.at(count.div_ceil(self.size).max(1))
    }

    fn at(&self, page: usize) -> Window {
        Window { page, skip: (page - 1) * self.size, limit: self.size }
    }
}

/// Reads the page size: `page_size`, but at most 100; 20 if it is missing or not a positive number.
pub(super) fn size(request: &Request) -> usize {
    request.parameter("page_size").and_then(positive).map_or(DEFAULT_SIZE, |size| size.min(MOST))
}

/// Parses a positive number as Python's `int()` does. Numbers larger than `usize::MAX` become `usize::MAX`.
fn positive(text: &str) -> Option<usize> {
    let digits = int(text).filter(|digits| digits != "0" && !digits.starts_with('-'))?;
    Some(digits.parse().unwrap_or(usize::MAX))
}

/// A page of a list, its keys in the documented order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "{T}Page"))]
pub struct Page<T> {
    count: usize,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<T>,
}

impl<T> Page<T> {
    /// Builds the page with its links to the next and previous page.
    ///
    /// # Errors
    ///
    /// 404 if the page is past the end. The first page of an empty list exists.
    pub fn new(request: &Request, window: Window, count: usize, results: Vec<T>) -> Result<Self, SdElementsFailure> {
        if window.page > 1 && window.skip >= count {
            return Err(SdElementsFailure::InvalidPage);
        }
        let link = |page: usize| with_parameter(request, "page", (page > 1).then(|| page.to_string()).as_deref());
        let next = (window.skip + window.limit < count).then(|| link(window.page + 1));
        let previous = (window.page > 1).then(|| link(window.page - 1));
        Ok(Self { count, next, previous, results })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(query: &[(&str, &str)]) -> Request {
        Request {
            url: "https://x/prod/api/v2/webhooks/".to_owned(),
            query: query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            ..Request::default()
        }
    }

    fn window(query: &[(&str, &str)]) -> Result<Option<Window>, SdElementsFailure> {
        PageQuery::parse(&request(query)).map(|query| query.window())
    }

    #[test]
    fn sizes_are_clamped_and_bad_ones_are_the_default() {
        let (longest, longer) = ("9".repeat(4300), "9".repeat(4301));
        for (size, limit) in [
            ("10", 10),
            ("100", 100),
            ("1000", 100),
            ("99999999999999999999", 100),
            (&longest, 100),
            (&longer, 20),
            ("-99999999999999999999", 20),
            ("0", 20),
            ("-1", 20),
            ("x", 20),
            ("", 20),
            ("7.0", 20),
            (" 7 ", 7),
            ("+7", 7),
            ("1_0", 10),
            ("007", 7),
        ] {
            assert_eq!(window(&[("page_size", size)]).unwrap().unwrap().limit, limit, "{size:?}");
        }
    }

    #[test]
    fn pages_are_positive_numbers_or_last() {
        for page in ["0", "-1", "x", " ", "Last", " last", "1.0", "99999999999999999999", "1000000000", "2\u{1c}", "٣"]
        {
            assert_eq!(window(&[("page", page)]), Err(SdElementsFailure::InvalidPage), "{page:?}");
        }
        for (page, number) in [("", 1), (" 2 ", 2), ("+2", 2), ("0_2", 2), ("\u{2003}2", 2)] {
            assert_eq!(window(&[("page", page)]).unwrap().unwrap().page, number, "{page:?}");
        }
        assert_eq!(window(&[("page", "last")]), Ok(None));
        assert_eq!(
            PageQuery::parse(&request(&[("page", "last")])).unwrap().last(41),
            Window { page: 3, skip: 40, limit: 20 }
        );
        assert_eq!(PageQuery::parse(&request(&[("page", "last")])).unwrap().last(0).page, 1);
    }

    #[test]
    fn links_keep_other_parameters_sorted_and_drop_page_one() {
        let asked = request(&[("z", "a b&ü"), ("page_size", "2"), ("page", "2"), ("z", "c")]);
        let query = PageQuery::parse(&asked).unwrap();
        let page = Page::new(&asked, query.window().unwrap(), 5, vec![0, 0]).unwrap();
        insta::assert_json_snapshot!(page, @r#"
        {
          "count": 5,
          "next": "https://x/prod/api/v2/webhooks/?page=3&page_size=2&z=a+b%26%C3%BC&z=c",
          "previous": "https://x/prod/api/v2/webhooks/?page_size=2&z=a+b%26%C3%BC&z=c",
          "results": [
            0,
            0
          ]
        }
        "#);
    }

    #[test]
    fn past_the_end_is_invalid_but_the_first_page_of_nothing_is_not() {
        let empty = request(&[]);
        let first = PageQuery::parse(&empty).unwrap().window().unwrap();
        assert!(Page::<u8>::new(&empty, first, 0, vec![]).is_ok());
        let second = Window { page: 2, skip: 20, limit: 20 };
        assert_eq!(Page::<u8>::new(&empty, second, 20, vec![]), Err(SdElementsFailure::InvalidPage));
    }
}
