//! Checks the documents against the code that they describe.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::rendered_as_3_0;
use crate::api::openapi_documents as documents;
use crate::{
    api::{akinon, events, flip, sdelements, socotra},
    domain::{Api, EventId, OrganizationId, Timestamp, WebhookKey},
    http::Reply,
};

/// The fields that an error reply complains about, for any API.
fn complaints(failure: impl Into<Reply>) -> BTreeSet<String> {
    let body: Value = serde_json::from_str(&failure.into().body.unwrap()).unwrap();
    match (&body["errors"], &body["field"]) {
        (Value::Array(errors), _) => errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect(),
        (_, Value::String(field)) => BTreeSet::from([field.clone()]),
        _ => body.as_object().unwrap().keys().cloned().collect(),
    }
}

#[test]
fn a_schema_requires_what_its_parser_misses() {
    let documents: BTreeMap<_, _> = documents().into_iter().collect();
    let required = |document: &str, schema: &str| -> BTreeSet<String> {
        let schema = &documents[document]["components"]["schemas"][schema];
        schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let (empty, now) = (json!({}), Timestamp(0));
    let nothing = sdelements::Value::Dict(sdelements::Dict::default());
    let organization = OrganizationId::parse("acme").unwrap();
    let key = WebhookKey { api: Api::Socotra, id: EventId::new(now, 0).to_string() };
    let rows = [
        ("sdelements", "NewWebhook", complaints(sdelements::NewWebhook::parse(&nothing, &[]).unwrap_err())),
        (
            "sdelements",
            "NewEventConfiguration",
            complaints(sdelements::ConfigurationFields::parse(&nothing).unwrap_err()),
        ),
        ("sdelements", "NewActivity", complaints(sdelements::NewActivity::parse("{}").unwrap_err())),
        ("sdelements", "ResendRequest", complaints(sdelements::resend_request(&nothing, now).unwrap_err())),
        ("akinon", "NewWebhook", complaints(akinon::NewWebhook::parse(&empty).unwrap_err())),
        (
            "socotra",
            "CreateWebhookRequest",
            complaints(socotra::new_webhook(&empty, organization.clone(), key, now).unwrap_err()),
        ),
        ("events", "NewEvent", complaints(events::NewEvent::parse("{}").unwrap_err())),
    ];
    for (document, schema, missed) in rows {
        assert_eq!(required(document, schema), missed, "{schema} of {document}");
    }
    // Flip reports only the first error.
    let first = complaints(flip::NewWebhook::parse(&empty).unwrap_err());
    assert!(first.is_subset(&required("flip", "NewWebhook")), "{first:?}");
}

#[test]
fn every_reference_leads_to_a_component_and_every_component_is_used() {
    let older = documents().into_iter().map(|(name, document)| (name, rendered_as_3_0(&document)));
    for (name, document) in documents().into_iter().chain(older) {
        let text = document.to_string();
        for (kind, components) in document["components"].as_object().unwrap() {
            for component in components.as_object().unwrap().keys() {
                let reference = format!("\"#/components/{kind}/{component}\"");
                assert!(kind == "securitySchemes" || text.contains(&reference), "{name}: nobody uses {reference}");
            }
        }
        for reference in text.split("\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(reference).is_some(), "{name}: {reference} leads nowhere");
        }
    }
}
