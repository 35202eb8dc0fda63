//! Until the merge.
use crate::{
    domain::{EventId, OrganizationId},
    store::event_from_image,
    validation,
};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::value::RawValue;
use std::collections::HashMap;
pub(super) struct EventHead {
    pub(super) id: EventId,
    pub(super) partition: String,
    pub(super) organization: OrganizationId,
    pub(super) project: Option<String>,
    pub(super) event_type: String,
}
pub(super) fn event_head_from_image(image: &str) -> Result<EventHead, String> {
    let item: serde_dynamo::Item = serde_json::from_str(image).map_err(|e| e.to_string())?;
    let item: HashMap<String, AttributeValue> = item.into();
    let partition = item.get("pk").and_then(|pk| pk.as_s().ok()).cloned().unwrap_or_default();
    let e = event_from_image(&item)?;
    if e.project.as_deref().is_some_and(|project| !validation::project::is_valid(project)) {
        return Err("`project` is no project's id".to_owned());
    }
    Ok(EventHead { id: e.id, partition, organization: e.organization, project: e.project, event_type: e.event_type })
}
pub(super) fn members<'a>(text: &'a str, names: [&str; 1]) -> Result<[Option<&'a RawValue>; 1], serde_json::Error> {
    let map: HashMap<String, &RawValue> = serde_json::from_str(text)?;
    Ok([map.get(names[0]).copied()])
}
