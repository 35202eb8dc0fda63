//! Reading many items by their keys in one call.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::{
    Store, StoreError,
    error::{failed, incomplete},
    values::Item,
};

/// Which attributes of an item are read: a projection and the names that stand in it for reserved words.
pub(super) struct Parts {
    pub(super) expression: &'static str,
    pub(super) names: &'static [(&'static str, &'static str)],
}

impl Parts {
    /// The names as DynamoDB takes them.
    pub(super) fn names(&self) -> HashMap<String, String> {
        self.names.iter().map(|(short, name)| ((*short).to_owned(), (*name).to_owned())).collect()
    }
}

impl Store {
    /// The items under those keys, as far as they exist, by consistent reads and in no order; at most 100 keys.
    pub(super) async fn batch_get(&self, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        self.batch_get_parts(table, keys, None).await
    }

    /// The same of which only some attributes are read.
    pub(super) async fn batch_get_parts(
        &self,
        table: &str,
        keys: Vec<Item>,
        parts: Option<&Parts>,
    ) -> Result<Vec<Item>, StoreError> {
        let (mut found, mut left) = (Vec::new(), keys);
        let start = self.clock.monotonic();
        while !left.is_empty() {
            let request = KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(true);
            let request = request
                .set_projection_expression(parts.map(|parts| parts.expression.to_owned()))
                .set_expression_attribute_names(parts.map(Parts::names))
                .build();
            let request = request.map_err(|error| incomplete(&error))?;
            let reply = self.client.batch_get_item().request_items(table, request).send().await;
            let reply = reply.map_err(|error| failed(&error))?;
            let before = found.len();
            found.extend(reply.responses.unwrap_or_default().into_values().flatten());
            // A reply holds at most 16 MB; the rest is asked for again.
            left = reply.unprocessed_keys.unwrap_or_default().into_values().flat_map(|rest| rest.keys).collect();
            if !left.is_empty() && found.len() == before {
                self.pause_for_conflict(start).await?;
            }
        }
        Ok(found)
    }
}
