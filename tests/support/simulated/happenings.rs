//! What operational events tell of, as it is written.

use serde_json::Value;

/// Something that an invocation has written about a webhook's queue.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// An operational event was put: its item.
    Told(Value),
    /// The webhook was suspended.
    Suspended,
    /// The webhook was repaired by its owner, so its failures are forgotten.
    Repaired,
    /// A delivery was diverted; not of an operational event.
    Diverted,
    /// A delivery has expired of which the queue is to remember that.
    Expired,
}

/// What a transaction has written, by the key of the queue.
pub(crate) fn happenings(transaction: &Value) -> Vec<(String, Happening)> {
    let writes = transaction["TransactItems"].as_array().into_iter().flatten();
    let writes: Vec<(&str, &Value)> = writes
        .filter_map(|write| write.as_object()?.iter().next().map(|(kind, write)| (kind.as_str(), write)))
        .collect();
    let remembers = writes.iter().any(|(kind, write)| *kind == "Update" && write["Key"]["sk"]["S"] == "QUEUE");
    let mut found = Vec::new();
    for (kind, write) in &writes {
        let (values, changes) = (&write["ExpressionAttributeValues"], write["UpdateExpression"].as_str().unwrap_or(""));
        let pk = write["Key"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
        let is_queue = write["Key"]["sk"]["S"] == "QUEUE";
        match *kind {
            "Update" if is_queue && values[":held"]["S"] == "suspended" && changes.contains("#lease") => {
                found.push((pk, Happening::Suspended));
            }
            "Update" if is_queue && changes.contains("#failing") && !changes.contains("#trouble") => {
                found.push((pk, Happening::Repaired));
            }
            "Update" if values[":state"]["S"] == "diverted" && values[":state_"]["S"] == "pending" => {
                let event_type = values[":event"]["M"]["type"]["S"].as_str().unwrap_or_default();
                if !event_type.starts_with("outhook.") {
                    found.push((pk, Happening::Diverted));
                }
            }
            "Update" if remembers && values[":reason"]["S"].as_str().is_some_and(|why| why.starts_with("expired")) => {
                found.push((pk, Happening::Expired));
            }
            _ => {}
        }
    }
    for (_, write) in writes {
        let item = &write["Item"];
        if write["TableName"] == "EventsTable"
            && item["type"]["S"].as_str().is_some_and(|kind| kind.starts_with("outhook."))
        {
            let queue =
                format!("{}#{}", item["organization"]["S"].as_str().unwrap(), item["about"]["S"].as_str().unwrap());
            found.push((queue, Happening::Told(item.clone())));
        }
    }
    found
}
