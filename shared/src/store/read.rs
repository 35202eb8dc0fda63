//! Reading items: one by its key, several by their keys, and the pages of a query.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder,
    types::{KeysAndAttributes, Select},
};

use super::{
    Store, StoreError,
    condition::Condition,
    error::{failed, incomplete},
    placeholders::Placeholders,
    values::Item,
};

/// The names of the attributes to read of an item, with dots for those inside a map.
pub(super) type Shown = &'static [&'static str];

/// Reads all attributes.
const EVERYTHING: Shown = &[];

/// The most keys in one `BatchGetItem` call.
pub(super) const A_READ: usize = 100;

/// A query of one partition in a table or an index.
pub(super) struct Query {
    request: QueryFluentBuilder,
    places: Placeholders,
    filters: Vec<String>,
    /// Whether its key conditions select nothing, so that there is nothing to ask DynamoDB for.
    empty: bool,
}

/// The reply to one call of a query.
pub(super) struct Page {
    /// The items, in the query's order.
    pub(super) items: Vec<Item>,
    /// The number of items. Set even if the query returns no items ([`Query::count`]).
    pub(super) count: usize,
    /// Where the next page begins; `None` if there is none.
    pub(super) next: Option<Item>,
}

impl Query {
    fn new(request: QueryFluentBuilder, key: impl IntoIterator<Item = Condition>) -> Self {
        let mut places = Placeholders::default();
        let key: Vec<_> = key.into_iter().collect();
        let empty = key.iter().any(Condition::is_never_true);
        let key: Vec<_> = key.into_iter().map(|condition| condition.express(&mut places)).collect();
        Self { request: request.key_condition_expression(key.join(" AND ")), places, filters: Vec::new(), empty }
    }

    /// Returns only items that satisfy the condition, and those of earlier calls. The others are still read, and count
    /// towards a page's size.
    pub(super) fn filter(mut self, condition: Condition) -> Self {
        // DynamoDB refuses redundant parentheses; a condition that needs some has them.
        self.filters.push(condition.express(&mut self.places));
        self.request = self.request.filter_expression(self.filters.join(" AND "));
        self
    }

    /// Returns only these attributes of each item.
    pub(super) fn showing(mut self, shown: Shown) -> Self {
        self.request = self.request.set_projection_expression(self.places.projection(shown));
        self
    }

    /// Returns items from the lowest key up, or with false from the highest down.
    pub(super) fn ascending(mut self, ascending: bool) -> Self {
        self.request = self.request.scan_index_forward(ascending);
        self
    }

    /// Reads the page that begins at `start`, with at most `size` items; without a size, as many as one call returns.
    pub(super) async fn page(&self, start: Option<Item>, size: Option<usize>) -> Result<Page, StoreError> {
        if self.empty {
            return Ok(Page { items: Vec::new(), count: 0, next: None });
        }
        let size = size.map(|size| i32::try_from(size).unwrap_or(i32::MAX));
        let (names, values) = self.places.clone().finish();
        let request = self.request.clone().set_limit(size).set_exclusive_start_key(start);
        let request = request.set_expression_attribute_names(names).set_expression_attribute_values(values);
        let reply = request.send().await.map_err(|error| failed(&error))?;
        let count = usize::try_from(reply.count).unwrap_or(0);
        Ok(Page { items: reply.items.unwrap_or_default(), count, next: reply.last_evaluated_key })
    }

    /// Counts the items with at most `calls` calls, and says whether there may be more.
    pub(super) async fn count(mut self, calls: usize) -> Result<(usize, bool), StoreError> {
        self.request = self.request.select(Select::Count);
        let (mut count, mut start) = (0, None);
        for _ in 0..calls {
            let page = self.page(start, None).await?;
            count += page.count;
            start = page.next;
            if start.is_none() {
                break;
            }
        }
        Ok((count, start.is_some()))
    }

    /// Reads the first `limit` items from `start` on, in as many pages as necessary. Also returns where the next page
    /// begins.
    pub(super) async fn first(
        &self,
        limit: usize,
        mut start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let mut found = Vec::new();
        while found.len() < limit {
            let page = self.page(start, Some(limit - found.len())).await?;
            found.extend(page.items);
            start = page.next;
            if start.is_none() {
                break;
            }
        }
        Ok((found, start))
    }
}

impl Store {
    /// Reads the item with that key, with a consistent read.
    pub(super) async fn get_item(&self, table: &str, key: Item) -> Result<Option<Item>, StoreError> {
        self.get_item_showing(table, key, EVERYTHING).await
    }

    /// Reads some attributes of the item with that key, with a consistent read.
    pub(super) async fn get_item_showing(
        &self,
        table: &str,
        key: Item,
        shown: Shown,
    ) -> Result<Option<Item>, StoreError> {
        let (projection, names) = projection(shown);
        let get = self.client.get_item().table_name(table).set_key(Some(key)).consistent_read(true);
        let get = get.set_projection_expression(projection).set_expression_attribute_names(names);
        Ok(get.send().await.map_err(|error| failed(&error))?.item)
    }

    /// Starts a query of a table's partition, with consistent reads.
    pub(super) fn query(&self, table: &str, key: impl IntoIterator<Item = Condition>) -> Query {
        Query::new(self.client.query().table_name(table).consistent_read(true), key)
    }

    /// Starts a query of an index, which may lag behind its table by moments.
    pub(super) fn query_index(&self, table: &str, index: &str, key: impl IntoIterator<Item = Condition>) -> Query {
        Query::new(self.client.query().table_name(table).index_name(index), key)
    }

    /// Reads items of several tables in one call, with consistent reads: at most 100 keys together. Returns the items of
    /// each table, in the order of the tables and in no particular order within. Missing items are left out.
    pub(super) async fn batch_get_of<const N: usize>(
        &self,
        wanted: [(&str, Vec<Item>); N],
    ) -> Result<[Vec<Item>; N], StoreError> {
        let tables = wanted.each_ref().map(|(table, _)| (*table).to_owned());
        let mut left = HashMap::new();
        for (table, keys) in wanted.into_iter().filter(|(_, keys)| !keys.is_empty()) {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            left.insert(table.to_owned(), keys.map_err(|error| incomplete(&error))?);
        }
        let mut found: HashMap<String, Vec<Item>> = HashMap::new();
        let start = self.clock.monotonic();
        while !left.is_empty() {
            let reply = self.client.batch_get_item().set_request_items(Some(left)).send().await;
            let reply = reply.map_err(|error| failed(&error))?;
            for (table, items) in reply.responses.unwrap_or_default() {
                found.entry(table).or_default().extend(items);
            }
            left = reply.unprocessed_keys.unwrap_or_default();
            if !left.is_empty() {
                self.pause_for_conflict(start).await?;
            }
        }
        Ok(tables.map(|table| found.remove(&table).unwrap_or_default()))
    }

    /// Reads the items with those keys, with consistent reads and in no particular order. Missing items are left out.
    pub(super) async fn batch_get(&self, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        self.batch_get_showing(table, keys, EVERYTHING).await
    }

    /// Reads some attributes of the items with those keys, with consistent reads and in no particular order.
    pub(super) async fn batch_get_showing(
        &self,
        table: &str,
        keys: Vec<Item>,
        shown: Shown,
    ) -> Result<Vec<Item>, StoreError> {
        let (mut found, mut left) = (Vec::new(), keys);
        let (projection, names) = projection(shown);
        let start = self.clock.monotonic();
        while !left.is_empty() {
            let later = left.split_off(left.len().min(A_READ));
            let request = KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(true);
            let request = request.set_projection_expression(projection.clone());
            let request = request.set_expression_attribute_names(names.clone()).build();
            let request = request.map_err(|error| incomplete(&error))?;
            let reply = self.client.batch_get_item().request_items(table, request).send().await;
            let reply = reply.map_err(|error| failed(&error))?;
            let before = found.len();
            found.extend(reply.responses.unwrap_or_default().into_values().flatten());
            // A reply holds at most 16 MB; ask for the rest again.
            left = reply.unprocessed_keys.unwrap_or_default().into_values().flat_map(|rest| rest.keys).collect();
            if !left.is_empty() && found.len() == before {
                self.pause_for_conflict(start).await?;
            }
            left.extend(later);
        }
        Ok(found)
    }
}

/// The projection expression of those attributes, and the names it refers to.
fn projection(shown: Shown) -> (Option<String>, Option<HashMap<String, String>>) {
    let mut places = Placeholders::default();
    (places.projection(shown), places.finish().0)
}
