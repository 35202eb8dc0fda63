//! What a deployment consists of: its tables, and what Lambda and EventBridge Scheduler run on them.

use serde_json::{Value, json};
use shared::{
    aws::{Aws, Call, CallError, Service, segment},
    store::TableSurvey,
};

use super::{
    finding::{Findings, found},
    mender::{Mender, quoted},
};
use crate::failure::BoxError;

/// Lists what is wrong with the Webhooks, the Events and the Deliveries table.
pub(super) fn tables(tables: &[(String, Option<TableSurvey>); 3], mender: &Mender) -> Findings {
    let indexes: [&[&str]; 3] = [&[], &["project", "request"], &["due"]];
    let mut findings = Findings::new();
    for (place, (name, table)) in tables.iter().enumerate() {
        let mut wrong = |what: &str, fix| found(&mut findings, format!("table {name} {what}"), fix);
        let Some(table) = table else {
            wrong("does not exist", mender.deploy());
            continue;
        };
        if !table.active {
            wrong("is not active", mender.dynamodb("describe-table", name, &[]));
        }
        if table.keys != ["pk", "sk"] {
            wrong("has other keys than pk and sk", mender.deploy());
        }
        for index in indexes[place].iter().filter(|index| !table.indexes.contains(**index)) {
            wrong(&format!("lacks its index {index}, or it is being made"), mender.deploy());
        }
        if place == 1 && table.stream.is_none() {
            let stream = ("stream-specification", "StreamEnabled=true,StreamViewType=NEW_IMAGE".to_owned());
            let fix = mender.dynamodb("update-table", name, &[stream]);
            wrong("has no stream of new images: nothing that is published is delivered", fix);
        }
        if table.ttl.as_deref() != Some("expires_at") {
            let ttl = ("time-to-live-specification", "Enabled=true,AttributeName=expires_at".to_owned());
            let fix = mender.dynamodb("update-time-to-live", name, &[ttl]);
            wrong("keeps what has expired: its TTL is not on expires_at", fix);
        }
        if table.recovery == Some(false) {
            let on = ("point-in-time-recovery-specification", "PointInTimeRecoveryEnabled=true".to_owned());
            let fix = mender.dynamodb("update-continuous-backups", name, &[on]);
            wrong("cannot be restored: point-in-time recovery is off", fix);
        }
    }
    findings
}

/// What is wrong with what runs: the mapping of that stream, and the schedule of the tick. `None` if there is no Lambda but
/// an emulator that knows no mappings.
///
/// # Errors
///
/// When Lambda or EventBridge Scheduler do not answer.
pub(super) async fn lambda(aws: &Aws, stream: &str, mender: &Mender) -> Result<Option<Findings>, BoxError> {
    let path = format!("/2015-03-31/event-source-mappings?EventSourceArn={}", segment(stream));
    let mappings = match get(aws, Service::Lambda, &path).await {
        Ok(mappings) => mappings,
        Err(CallError::Refused { status: 404, code, .. }) if code.is_empty() => return Ok(None),
        Err(error) => return Err(failure("Lambda", error)),
    };
    let mut findings = mapping(&mappings, mender);
    let prefix = mender.prefix.as_deref().unwrap_or_default();
    let name = format!("{prefix}-tick");
    let path = format!("/schedules/{}?groupName={}", segment(&name), segment(prefix));
    let schedule = match get(aws, Service::Scheduler, &path).await {
        Ok(schedule) => schedule,
        Err(CallError::Refused { code, .. }) if code == "ResourceNotFoundException" => {
            let what = format!("schedule {name} does not exist: nothing wakes what falls due");
            found(&mut findings, what, mender.deploy());
            return Ok(Some(findings));
        }
        Err(error) => return Err(failure("EventBridge Scheduler", error)),
    };
    let fix = sound_schedule(&name, &schedule);
    let mut wrong = |what: &str| found(&mut findings, format!("schedule {name} {what}"), fix.clone());
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
    Ok(Some(findings))
}

/// The command that makes a schedule as the template has it: enabled, each minute, for the tick.
fn sound_schedule(name: &str, schedule: &Value) -> String {
    let mut target = schedule["Target"].clone();
    let arn = target["Arn"].as_str().and_then(|arn| arn.rsplit_once(":function:")).map(|(before, _)| before);
    if let Some(before) = arn {
        target["Arn"] = json!(format!("{before}:function:{name}"));
    }
    target["Input"] = json!(r#"{"watch_seconds": 58}"#);
    let (name, target) = (quoted(name), quoted(&target.to_string()));
    format!(
        "aws scheduler update-schedule --name {name} --state ENABLED --schedule-expression 'rate(1 minute)' \
         --flexible-time-window Mode=OFF --target {target}"
    )
}

fn mapping(mappings: &Value, mender: &Mender) -> Findings {
    let mut findings = Findings::new();
    let mappings = mappings["EventSourceMappings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut wrong =
        |what: String, fix| found(&mut findings, format!("the mapping of the Events table's stream {what}"), fix);
    let [mapping] = mappings else {
        wrong(format!("is there {} times", mappings.len()), mender.deploy());
        return findings;
    };
    let update = |options: &str| {
        let id = mapping["UUID"].as_str().unwrap_or("<uuid>");
        format!("aws lambda update-event-source-mapping --uuid {id} {options}")
    };
    let state = mapping["State"].as_str().unwrap_or_default();
    if state != "Enabled" {
        wrong(format!("is {state}"), update("--enabled"));
    }
    if let Some(result) = mapping["LastProcessingResult"].as_str().filter(|result| result.starts_with("PROBLEM")) {
        wrong(format!("fails: {result}"), mender.deploy());
    }
    let kinds = mapping["FunctionResponseTypes"].as_array();
    if !kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "ReportBatchItemFailures")) {
        let fix = update("--function-response-types ReportBatchItemFailures");
        wrong("repeats whole batches: it lacks ReportBatchItemFailures".to_owned(), fix);
    }
    if !mapping["DestinationConfig"]["OnFailure"]["Destination"].is_string() {
        wrong("forgets what it gives up: it has no destination for failures".to_owned(), mender.deploy());
    }
    findings
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
    use shared::store::Tables;

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
        let mender = Mender {
            command: "cargo admin".to_owned(),
            endpoint: None,
            prefix: Some("acme".to_owned()),
            stack: None,
            tables: Tables { webhooks: "W".to_owned(), events: "E".to_owned(), deliveries: "D".to_owned() },
        };
        assert_eq!(tables(&three, &mender), Findings::new());
        three[0].1 = Some(TableSurvey { recovery: Some(false), ..sound(&[], None) });
        three[2].1 = Some(TableSurvey { active: false, ..sound(&["due"], None) });
        let findings = tables(&three, &mender).into_iter().map(|finding| format!("{}\n{}", finding.what, finding.fix));
        insta::assert_snapshot!(findings.collect::<Vec<_>>().join("\n"), @r"
        table D is not active
        aws dynamodb describe-table --table-name D
        table W cannot be restored: point-in-time recovery is off
        aws dynamodb update-continuous-backups --table-name W --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true
        ");
    }
}
