//! Tests of the expressions that writes send to DynamoDB.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::{Client, Config, config::BehaviorVersion};
use proptest::prelude::*;
use regex::{Captures, Regex};

use super::{Part, Update, Write};
use crate::{
    domain::{EventId, Timestamp},
    store::{
        Store, Tables,
        condition::Condition::{self, Above, Absent, AtMost, Exists, HasSize, Is, IsNot},
        values::{key, number},
    },
};

/// The update and condition expressions of an update, with every placeholder replaced by its name or value. Fails if a
/// placeholder is undefined or unused, or an attribute is named without one.
fn said(update: Write<Update>) -> (String, String) {
    let update = Part::from(update).0.unwrap().update.unwrap();
    let names = update.expression_attribute_names.unwrap_or_default();
    let values = update.expression_attribute_values.unwrap_or_default();
    let (bare, place) = (Regex::new("(^|[ (])[a-z_]+([ ,)]|$)").unwrap(), Regex::new("[#:][a-z_]+").unwrap());
    let mut used = BTreeSet::new();
    let mut plain = |expression: &str| {
        assert!(!bare.is_match(expression), "an attribute without a placeholder: {expression}");
        let shown = |found: &Captures<'_>| {
            used.insert(found[0].to_owned());
            let value = |place: &str| values[place].as_n().or_else(|value| value.as_s()).unwrap();
            names.get(&found[0]).unwrap_or_else(|| value(&found[0])).clone()
        };
        place.replace_all(expression, shown).into_owned()
    };
    let plain = (plain(&update.update_expression), plain(&update.condition_expression.unwrap_or_default()));
    assert_eq!(
        used,
        names.keys().chain(values.keys()).cloned().collect(),
        "what is defined is used, and the other way round"
    );
    plain
}

fn update() -> Write<Update> {
    Write::update("table", key("p", "s"))
}

#[test]
fn an_update_has_only_the_clauses_that_it_needs() {
    assert_eq!(said(update().remove(["state", "reason"])), ("REMOVE state, reason".to_owned(), String::new()));
    let all = update().set("state", number(1)).add("touched", 2).remove(["event"]).set_given("name", None);
    assert_eq!(said(all).0, "SET state = 1 ADD touched 2 REMOVE event");
    assert_eq!(said(update().set_or_remove("a", None).set_or_remove("b", Some(number(1)))).0, "SET b = 1 REMOVE a");
}

/// The touch is made by a call of its own and in the transactions of the delivery log, on the same conditions.
#[test]
fn a_touch_fits_one_kind_of_queue_alone() {
    let config = Config::builder().behavior_version(BehaviorVersion::latest()).build();
    let tables = Tables { webhooks: "w".to_owned(), events: "e".to_owned(), deliveries: "d".to_owned() };
    let store = Store::new(Client::from_conf(config), tables);
    let lowest = EventId::new(Timestamp(5), 7);
    let touch = |held, lower| {
        let (change, condition) = said(store.queue_touch("acme#flip:a", lowest, held, lower));
        let said = format!("{change} IF {condition}").replace(&lowest.to_string(), "LOWEST");
        Regex::new("[0-9]{13}").unwrap().replace(&said, "NOW").into_owned()
    };
    insta::assert_snapshot!(touch(false, false), @"SET head = if_not_exists(head, LOWEST), due_at = if_not_exists(due_at, NOW), due_shard = if_not_exists(due_shard, 2) ADD touched 1 IF (attribute_not_exists(head) OR head <= LOWEST) AND attribute_not_exists(held)");
    insta::assert_snapshot!(touch(false, true), @"SET head = LOWEST, due_at = if_not_exists(due_at, NOW), due_shard = if_not_exists(due_shard, 2) ADD touched 1 IF head > LOWEST AND attribute_not_exists(held)");
    insta::assert_snapshot!(touch(true, false), @"SET head = if_not_exists(head, LOWEST) ADD touched 1 IF (attribute_not_exists(head) OR head <= LOWEST) AND attribute_exists(held)");
    insta::assert_snapshot!(touch(true, true), @"SET head = LOWEST ADD touched 1 IF head > LOWEST AND attribute_exists(held)");
}

const ATTRIBUTES: [&str; 6] = ["state", "state_", "reason", "event", "name", "project"];

/// A condition, and its expression with the names and values in place.
fn condition((name, kind, n): (&'static str, u32, usize)) -> (Condition, String) {
    match kind {
        0 => (Exists(name), format!("attribute_exists({name})")),
        1 => (Absent(name), format!("attribute_not_exists({name})")),
        2 => (Is(name, number(n)), format!("{name} = {n}")),
        3 => (IsNot(name, number(n)), format!("{name} <> {n}")),
        4 => (AtMost(name, number(n)), format!("{name} <= {n}")),
        5 => (Above(name, number(n)), format!("{name} > {n}")),
        _ => (HasSize(name, n), format!("size({name}) = {n}")),
    }
}

proptest! {
    #[test]
    fn each_placeholder_stands_for_what_was_meant_and_none_is_left_over(
        changes in prop::collection::btree_map(prop::sample::select(&ATTRIBUTES), (0..5, 0..3), 1..6),
        conditions in prop::collection::vec((prop::sample::select(&ATTRIBUTES), 0_u32..7, 0_usize..3), 0..8),
    ) {
        let (mut clauses, mut update) = (BTreeMap::<_, Vec<String>>::new(), update());
        for (name, (kind, n)) in changes {
            let (clause, text);
            (update, clause, text) = match kind {
                0 => (update.set(name, number(n)), 0, format!("{name} = {n}")),
                1 => (update.set_if_absent(name, number(n)), 0, format!("{name} = if_not_exists({name}, {n})")),
                2 => (update.set_from(name, "event", number(n)), 0, format!("{name} = if_not_exists(event, {n})")),
                3 => (update.add(name, n), 1, format!("{name} {n}")),
                _ => (update.remove([name]), 2, name.to_owned()),
            };
            clauses.entry(clause).or_default().push(text);
        }
        let mut all = Vec::new();
        for several in conditions.chunks(2) {
            let (one, other) = (condition(several[0]), several.get(1).copied().map(condition));
            let (condition, text) = match other {
                Some((other, text)) => (one.0.or(other), format!("({} OR {text})", one.1)),
                None => one,
            };
            update = update.only_if(condition);
            all.push(text);
        }
        let clauses = clauses.into_iter().map(|(at, texts)| format!("{} {}", ["SET", "ADD", "REMOVE"][at], texts.join(", ")));
        prop_assert_eq!(said(update), (clauses.collect::<Vec<_>>().join(" "), all.join(" AND ")));
    }
}
