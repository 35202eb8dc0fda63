//! What a deployment consists of: its tables, and what Lambda and EventBridge Scheduler run on them.

use serde_json::Value;
use shared::{
    aws::{Aws, Call, CallError, Service, segment},
    store::TableSurvey,
};

use super::findings::Findings;
use crate::failure::BoxError;

/// Lists what is wrong with the Webhooks, the Events and the Deliveries table.
pub(super) fn tables(tables: &[(String, Option<TableSurvey>); 3]) -> Findings {
    let indexes: [&[&str]; 3] = [&[], &["project", "request"], &["due"]];
    let mut findings = Findings::new();
    for (place, (name, table)) in tables.iter().enumerate() {
        let mut wrong = |what: &str| findings.insert(format!("table {name} {what}"));
        let Some(table) = table else {
            wrong("does not exist");
            continue;
        };
        if !table.active {
            wrong("is not active");
        }
        if table.keys != ["pk", "sk"] {
            wrong("has other keys than pk and sk");
        }
        for index in indexes[place].iter().filter(|index| !table.indexes.contains(**index)) {
            wrong(&format!("lacks its index {index}, or it is being made"));
        }
        if place == 1 && table.stream.is_none() {
            wrong("has no stream of new images: nothing that is published is delivered");
        }
        if table.ttl.as_deref() != Some("expires_at") {
            wrong("keeps what has expired: its TTL is not on expires_at");
        }
        if table.recovery == Some(false) {
            wrong("cannot be restored: point-in-time recovery is off");
        }
    }
    findings
}

/// What is wrong with what runs: the mapping of that stream, and the schedule of the tick.
///
/// # Errors
///
/// When Lambda or EventBridge Scheduler do not answer.
pub(super) async fn lambda(aws: &Aws, stream: &str, drain: &str) -> Result<Findings, BoxError> {
    let mut findings = mapping(aws, stream).await?;
    let stack = drain.strip_suffix("-drain").unwrap_or(drain);
    let name = format!("{stack}-tick");
    let mut wrong = |what: &str| findings.insert(format!("schedule {name} {what}"));
    let path = format!("/schedules/{}?groupName={}", segment(&name), segment(stack));
    let schedule = match get(aws, Service::Scheduler, &path).await {
        Ok(schedule) => schedule,
        Err(CallError::Refused { code, .. }) if code == "ResourceNotFoundException" => {
            wrong("does not exist: nothing wakes what falls due");
            return Ok(findings);
        }
        Err(error) => return Err(failure("EventBridge Scheduler", error)),
    };
    if schedule["State"] != "ENABLED" {
        wrong("is not enabled");
    }
    let target = &schedule["Target"];
    let input: Value = serde_json::from_str(target["Input"].as_str().unwrap_or_default()).unwrap_or_default();
    if !input["watch_seconds"].is_u64() {
        wrong("does not say for how long to watch");
    }
    if !target["Arn"].as_str().is_some_and(|arn| arn.ends_with(&format!(":function:{name}"))) {
        wrong("is for another function");
    }
    Ok(findings)
}

async fn mapping(aws: &Aws, stream: &str) -> Result<Findings, BoxError> {
    let mut findings = Findings::new();
    let path = format!("/2015-03-31/event-source-mappings?EventSourceArn={}", segment(stream));
    let found = get(aws, Service::Lambda, &path).await.map_err(|error| failure("Lambda", error))?;
    let mappings = found["EventSourceMappings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut wrong = |what: String| findings.insert(format!("the mapping of the Events table's stream {what}"));
    let [mapping] = mappings else {
        wrong(format!("is there {} times", mappings.len()));
        return Ok(findings);
    };
    let state = mapping["State"].as_str().unwrap_or_default();
    if state != "Enabled" {
        wrong(format!("is {state}"));
    }
    if let Some(result) = mapping["LastProcessingResult"].as_str().filter(|result| result.starts_with("PROBLEM")) {
        wrong(format!("fails: {result}"));
    }
    let kinds = mapping["FunctionResponseTypes"].as_array();
    if !kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "ReportBatchItemFailures")) {
        wrong("repeats whole batches: it lacks ReportBatchItemFailures".to_owned());
    }
    if !mapping["DestinationConfig"]["OnFailure"]["Destination"].is_string() {
        wrong("forgets what it gives up: it has no destination for failures".to_owned());
    }
    Ok(findings)
}

/// Gets what a service knows about something; null if its reply is not JSON.
async fn get(aws: &Aws, service: Service, path: &str) -> Result<Value, CallError> {
    let body = aws.call(Call { service, method: "GET", path, headers: &[], body: b"" }).await?;
    Ok(serde_json::from_slice(&body).unwrap_or_default())
}

/// Makes an error for the operator, with the service's own explanation.
fn failure(service: &str, error: CallError) -> BoxError {
    match &error {
        CallError::Refused { message, .. } if !message.is_empty() => format!("{service}: {error}: {message}").into(),
        _ => format!("{service}: {error}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_emulator_cannot_show_is_found_too() {
        let sound = |indexes: &[&str], stream: Option<&str>| TableSurvey {
            active: true,
            keys: ["pk", "sk"].map(str::to_owned).to_vec(),
            indexes: indexes.iter().map(|&name| name.to_owned()).collect(),
            stream: stream.map(str::to_owned),
            ttl: Some("expires_at".to_owned()),
            recovery: Some(true),
        };
        let mut three = [
            ("W".to_owned(), Some(sound(&[], None))),
            ("E".to_owned(), Some(sound(&["project", "request"], Some("arn")))),
            ("D".to_owned(), Some(sound(&["due"], None))),
        ];
        assert_eq!(tables(&three), Findings::new());
        three[0].1 = Some(TableSurvey { recovery: Some(false), ..sound(&[], None) });
        three[2].1 = Some(TableSurvey { active: false, ..sound(&["due"], None) });
        let findings = tables(&three).into_iter().collect::<Vec<_>>().join("\n");
        assert_eq!(findings, "table D is not active\ntable W cannot be restored: point-in-time recovery is off");
    }
}
