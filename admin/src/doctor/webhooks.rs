//! Checks that the items of the Webhooks table are consistent.

use std::collections::{BTreeMap, BTreeSet};

use shared::{
    domain::{Api, Organization, OrganizationId},
    store::{WebhooksSurvey, queue_key},
};

use super::findings::Findings;

/// What is wrong with them.
pub(super) fn judge(survey: &WebhooksSurvey) -> Findings {
    let mut findings = organizations(survey);
    findings.extend(tokens(survey));
    findings.extend(counters(survey));
    for (partition, webhook) in survey.index_wanted.difference(&survey.index) {
        findings.insert(format!("webhook {webhook} gets no events: the index lacks it under {partition}"));
    }
    for (partition, webhook) in survey.index.difference(&survey.index_wanted) {
        findings
            .insert(format!("the index has webhook {webhook} under {partition}, which does not exist or want that"));
    }
    for (partition, claim) in survey.claims_wanted.difference(&survey.claims) {
        findings.insert(format!("the claim {claim} in {partition} is missing: its webhook's URL can be taken again"));
    }
    for (partition, claim) in survey.claims.difference(&survey.claims_wanted) {
        findings
            .insert(format!("the claim {claim} in {partition} belongs to no webhook: its URL cannot be registered"));
    }
    findings.extend(survey.unreadable.iter().cloned());
    findings
}

fn organizations(survey: &WebhooksSurvey) -> Findings {
    let known: BTreeMap<&OrganizationId, &Organization> =
        survey.organizations.iter().map(|organization| (&organization.id, organization)).collect();
    let mut findings = Findings::new();
    for organization in &survey.organizations {
        for flag in organization.flags.iter().filter(|flag| *flag != Organization::WEBHOOKS_FLAG) {
            findings.insert(format!("organization {} has the flag {flag}, for which nothing asks", organization.id));
        }
    }
    for webhook in &survey.webhooks {
        let id = &webhook.organization;
        match known.get(id) {
            None => {
                let queue = queue_key(id, &webhook.key);
                findings.insert(format!("webhook {queue} is of an organization that does not exist"));
            }
            Some(owner) if webhook.key.api == Api::SdElements && !owner.has_flag(Organization::WEBHOOKS_FLAG) => {
                let flag = Organization::WEBHOOKS_FLAG;
                findings.insert(format!("organization {id} cannot manage its webhooks: its flag {flag} is off"));
            }
            Some(_) => {}
        }
    }
    findings
}

fn tokens(survey: &WebhooksSurvey) -> Findings {
    let hashes: BTreeSet<&str> = survey.tokens.iter().map(|token| token.hash.as_str()).collect();
    let pointed: BTreeSet<&str> = survey.pointers.iter().map(|(_, _, hash)| hash.as_str()).collect();
    let mut findings = Findings::new();
    for (organization, id, _) in survey.pointers.iter().filter(|(_, _, hash)| !hashes.contains(hash.as_str())) {
        findings.insert(format!("organization {organization} lists the token {id}, which does not exist"));
    }
    for token in survey.tokens.iter().filter(|token| !pointed.contains(token.hash.as_str())) {
        let organization = &token.organization;
        findings.insert(format!(
            "the token {} of organization {organization} is not listed and cannot be revoked",
            token.id
        ));
    }
    findings
}

fn counters(survey: &WebhooksSurvey) -> Findings {
    let mut there: BTreeMap<(OrganizationId, Api), i64> = BTreeMap::new();
    for webhook in &survey.webhooks {
        *there.entry((webhook.organization.clone(), webhook.key.api)).or_default() += 1;
    }
    let keys: BTreeSet<_> = there.keys().chain(survey.counted.keys()).collect();
    let number = |of: &BTreeMap<_, i64>, key| of.get(key).copied().unwrap_or(0);
    let wrong = keys.into_iter().filter(|key| number(&there, key) != number(&survey.counted, key));
    wrong
        .map(|key| {
            let (organization, api) = key;
            let (there, counted) = (number(&there, key), number(&survey.counted, key));
            format!("organization {organization} has {there} webhooks through {api}, but {counted} are counted")
        })
        .collect()
}
