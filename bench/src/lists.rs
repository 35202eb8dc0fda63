//! Whether a page costs the same however many webhooks there are.

use local::Template;
use serde_json::{Value, json};
use shared::domain::Api;

use crate::{
    bed::{Bed, webhook},
    machine::Machine,
    options::{BoxError, Options},
    samples::{Sample, check},
    stats::{median, ms, ratio},
};

/// The function that is asked.
const FUNCTION: &str = "sdelements-list-webhooks";

/// A page of 100 out of 100 and out of 1,000, in turns.
pub(crate) async fn measure(options: &Options, template: &Template) -> Result<Value, BoxError> {
    let function = template.functions.iter().find(|function| function.binary == FUNCTION);
    let (machine, bed) = (Machine::start().await?, Bed::new(options).await?);
    let sample = Sample::read(&options.root, FUNCTION)?;
    let mut processes = Vec::new();
    for webhooks in [100, 1_000] {
        let (organization, tenant) = bed.organization().await?;
        for number in 1..=webhooks {
            let webhook = webhook(&organization, Api::SdElements, &number.to_string(), &format!("w{number}"));
            bed.store.create_webhook(&webhook, None).await?;
        }
        let process = machine.spawn(&options.binary(FUNCTION), function, &bed.environment())?;
        processes.push((process, sample.event(&tenant), Vec::new()));
    }
    for turn in 0..options.times(100, 20) {
        for (process, event, times) in &mut processes {
            let (took, answer) = process.call(event).await?;
            process.ready().await?;
            check(FUNCTION, &answer)?;
            if turn >= 3 {
                times.push(took);
            }
        }
    }
    let times: Vec<_> = processes.iter().map(|(_, _, times)| median(times)).collect();
    Ok(json!({
        "page_of_100_ms": ms(times[0]), "page_of_1000_ms": ms(times[1]), "times": ratio(times[1], times[0])
    }))
}
