//! What a deployment consists of: its tables, and what Lambda and EventBridge Scheduler run on them.

use aws_sdk_lambda::types::FunctionResponseType;
use aws_sdk_scheduler::types::ScheduleState;
use serde_json::Value;
use shared::store::TableSurvey;

use super::findings::Findings;
use crate::failure::BoxError;

/// The configuration with which AWS is reached.
pub(crate) type Config = shared::store::SdkConfig;

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
pub(super) async fn lambda(config: &Config, stream: &str, drain: &str) -> Result<Findings, BoxError> {
    let mut findings = mapping(config, stream).await?;
    let stack = drain.strip_suffix("-drain").unwrap_or(drain);
    let scheduler = aws_sdk_scheduler::Client::new(config);
    let name = format!("{stack}-tick");
    let mut wrong = |what: &str| findings.insert(format!("schedule {name} {what}"));
    let schedule = match scheduler.get_schedule().name(&name).send().await {
        Ok(schedule) => schedule,
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
            wrong("does not exist: nothing wakes what falls due");
            return Ok(findings);
        }
        Err(error) => return Err(aws_sdk_scheduler::error::DisplayErrorContext(error).to_string().into()),
    };
    if schedule.state() != Some(&ScheduleState::Enabled) {
        wrong("is not enabled");
    }
    let input = schedule.target().and_then(|target| target.input()).unwrap_or_default();
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    if !input["watch_seconds"].is_u64() {
        wrong("does not say for how long to watch");
    }
    if !schedule.target().is_some_and(|target| target.arn().ends_with(&format!(":function:{name}"))) {
        wrong("is for another function");
    }
    Ok(findings)
}

async fn mapping(config: &Config, stream: &str) -> Result<Findings, BoxError> {
    let mut findings = Findings::new();
    let lambda = aws_sdk_lambda::Client::new(config);
    let mappings = lambda.list_event_source_mappings().event_source_arn(stream).send().await;
    let mappings = mappings.map_err(|error| aws_sdk_lambda::error::DisplayErrorContext(error).to_string())?;
    let mut wrong = |what: String| findings.insert(format!("the mapping of the Events table's stream {what}"));
    let [mapping] = mappings.event_source_mappings() else {
        wrong(format!("is there {} times", mappings.event_source_mappings().len()));
        return Ok(findings);
    };
    let state = mapping.state().unwrap_or_default();
    if state != "Enabled" {
        wrong(format!("is {state}"));
    }
    if let Some(result) = mapping.last_processing_result().filter(|result| result.starts_with("PROBLEM")) {
        wrong(format!("fails: {result}"));
    }
    if !mapping.function_response_types().contains(&FunctionResponseType::ReportBatchItemFailures) {
        wrong("repeats whole batches: it lacks ReportBatchItemFailures".to_owned());
    }
    let destination = mapping.destination_config().and_then(|config| config.on_failure());
    if destination.and_then(|failure| failure.destination()).is_none() {
        wrong("forgets what it gives up: it has no destination for failures".to_owned());
    }
    Ok(findings)
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
