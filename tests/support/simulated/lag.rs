//! A secondary index that is behind its table: for a while, a query of it finds what was there before.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

/// The keys of an item.
pub(crate) type Keys = (String, String);

/// What an index has of an item: its keys in table and index, or nothing.
pub(crate) type Entry = Option<Value>;

/// The entries of which the index has not heard yet.
#[derive(Debug, Default)]
pub(crate) struct Lag {
    /// For each item what the index had of it, and since when it has what.
    changes: BTreeMap<Keys, Vec<(Duration, Entry)>>,
}

impl Lag {
    /// The index hears of a change at `heard`, or once it has heard of the item's earlier ones.
    pub(crate) fn changed(&mut self, keys: Keys, before: Entry, after: Entry, heard: Duration) {
        let changes = self.changes.entry(keys).or_insert_with(|| vec![(Duration::ZERO, before)]);
        let earliest = changes.last().map_or(Duration::ZERO, |(at, _)| *at);
        changes.push((heard.max(earliest), after));
    }

    /// Turns the items that a query would find in an index without lag into those that it finds now. `wanted` says whether an
    /// entry is among those that were asked for.
    pub(crate) fn as_seen(&mut self, items: &mut Vec<Value>, wanted: impl Fn(&Value) -> bool, now: Duration) {
        self.changes.retain(|_, changes| {
            let heard = changes.iter().rposition(|(at, _)| *at <= now).unwrap_or(0);
            changes.drain(..heard);
            changes.len() > 1
        });
        for ((pk, sk), changes) in &self.changes {
            items.retain(|item| item["pk"]["S"] != pk.as_str() || item["sk"]["S"] != sk.as_str());
            items.extend(changes[0].1.clone().filter(&wanted));
        }
        items.sort_by_key(due_at);
    }
}

/// When an entry is due.
pub(crate) fn due_at(entry: &Value) -> i64 {
    entry["due_at"]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(due_at: i64) -> Value {
        json!({"pk": {"S": "a"}, "sk": {"S": "QUEUE"}, "due_at": {"N": due_at.to_string()}})
    }

    fn seen(lag: &mut Lag, really: &[Value], at: u64) -> Vec<i64> {
        let mut items = really.to_vec();
        lag.as_seen(&mut items, |_| true, Duration::from_secs(at));
        items.iter().map(due_at).collect()
    }

    #[test]
    fn a_query_finds_what_was_there_before_until_the_index_has_heard() {
        let mut lag = Lag::default();
        let keys = || ("a".to_owned(), "QUEUE".to_owned());
        lag.changed(keys(), None, Some(entry(7)), Duration::from_secs(5));
        lag.changed(keys(), Some(entry(7)), None, Duration::from_secs(3));
        assert_eq!(seen(&mut lag, &[], 4), [0; 0], "not heard of yet");
        assert_eq!(seen(&mut lag, &[], 5), [0; 0], "and then both at once, in their order");
        lag.changed(keys(), Some(entry(7)), Some(entry(9)), Duration::from_secs(9));
        assert_eq!(seen(&mut lag, &[entry(9)], 8), [7], "still where it was");
        assert_eq!(seen(&mut lag, &[entry(9)], 9), [9]);
    }
}
