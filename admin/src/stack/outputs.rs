//! Finding a deployment by the outputs of its CloudFormation stack.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::{Client, error::ProvideErrorMetadata as _};
use shared::store::Tables;

use crate::{config::config, failure::BoxError};

/// What the outputs of a stack name.
pub(super) struct Outputs {
    pub(super) tables: Tables,
    /// The function that delivers.
    pub(super) drain: String,
    /// The address of the API.
    pub(super) api: String,
}

/// Reads the outputs of the stack. Needs `cloudformation:DescribeStacks`.
pub(super) async fn read(name: &str, endpoint: Option<&str>) -> Result<Outputs, BoxError> {
    let config = config(endpoint).await?;
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    let reply = match Client::new(&config).describe_stacks().stack_name(name).send().await {
        Ok(reply) => reply,
        Err(error) => {
            let (code, message) = (error.code().unwrap_or("no reply"), error.message().unwrap_or_default());
            let advice = match code {
                "ValidationError" => "check --stack-name, AWS_PROFILE and AWS_REGION".to_owned(),
                "AccessDenied" | "AccessDeniedException" => {
                    "your AWS credentials need the action cloudformation:DescribeStacks".to_owned()
                }
                "no reply" => "check the network and AWS_REGION".to_owned(),
                _ => "check your AWS credentials".to_owned(),
            };
            return Err(format!("stack {name} in {region}: {code} {message}: {advice}").into());
        }
    };
    let outputs = reply.stacks().first().map(|stack| stack.outputs()).unwrap_or_default();
    let mut outputs: BTreeMap<&str, &str> =
        outputs.iter().filter_map(|output| Some((output.output_key()?, output.output_value()?))).collect();
    let mut output = |key: &str| {
        let value = outputs.remove(key).map(str::to_owned);
        value.ok_or_else(|| {
            format!("stack {name} in {region} has no output {key}: is it a stack of Outhook, and deployed?")
        })
    };
    let tables = Tables {
        webhooks: output("WebhooksTable")?,
        events: output("EventsTable")?,
        deliveries: output("DeliveriesTable")?,
    };
    Ok(Outputs { tables, drain: output("DrainFunction")?, api: output("ApiUrl")? })
}
