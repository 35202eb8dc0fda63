//! What a burst costs in units of DynamoDB, as DynamoDB reports them: 100 events of 1 KB for one webhook, all delivered by
//! the first attempt.

use std::collections::BTreeMap;

use local::Template;
use serde_json::{Map, Value, json};
use shared::domain::Api;

use crate::{
    bed::Bed,
    machine::Machine,
    meter::{Consumed, Meter},
    options::{BoxError, Options},
    stats::rounded,
    throughput::Line,
};

/// How many events the burst has.
const BURST: u32 = 100;

/// Measures it for Slack, which takes twenty events a message, and for Standard Webhooks, which take one.
pub(crate) async fn measure(options: &Options, template: &Template) -> Result<Value, BoxError> {
    let machine = Machine::start().await?;
    let mut rows = Map::new();
    for (name, api, messages) in [("slack", Api::SdElements, 5), ("standard", Api::Socotra, 100)] {
        let bed = Bed::new(options).await?;
        let (meter, address) = Meter::start(&bed.address).await?;
        let environment = BTreeMap::from([("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), address)]);
        let mut line = Line::new(options, template, &machine, (api, 1), bed, &environment).await?;
        line.queue(BURST as usize).await?;
        let queued = meter.take();
        line.deliver(messages).await?;
        let delivered = meter.take();
        line.end().await?;
        rows.insert(name.to_owned(), row(&queued, &delivered));
    }
    Ok(Value::Object(rows))
}

fn row(queued: &Consumed, delivered: &Consumed) -> Value {
    let each = |units: f64| rounded(units / f64::from(BURST), 2);
    let writes = |of: &Consumed| of.write.get("DeliveriesTable").copied().unwrap_or_default();
    json!({
        "events": BURST,
        "deliveries_write_units_per_event": each(writes(queued) + writes(delivered)),
        "of_fan_out": each(writes(queued)), "of_drain": each(writes(delivered)),
        "read_units_per_event": each(queued.read + delivered.read),
        "calls_of_fan_out": queued.calls.len(), "calls_of_drain": delivered.calls.len(),
    })
}
