//! Checks that the items of the Webhooks table are consistent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::{
    domain::{Api, Organization, OrganizationId},
    store::{WebhooksSurvey, queue_key},
};

use super::{
    finding::{Findings, found},
    mender::{Mender, quoted},
};

/// What is wrong with them.
pub(super) fn judge(survey: &WebhooksSurvey, mender: &Mender) -> Findings {
    let mut findings = organizations(survey, mender);
    findings.extend(tokens(survey, mender));
    findings.extend(counters(survey, mender));
    let table = &mender.tables.webhooks;
    for (partition, webhook) in survey.index_wanted.difference(&survey.index) {
        let what = format!("webhook {webhook} gets no events: the index lacks it under {partition}");
        found(&mut findings, what, mender.put(table, (partition, webhook)));
    }
    for (partition, webhook) in survey.index.difference(&survey.index_wanted) {
        let what = format!("the index has webhook {webhook} under {partition}, which does not exist or want that");
        found(&mut findings, what, mender.delete(table, (partition, webhook)));
    }
    for (partition, claim) in survey.claims_wanted.difference(&survey.claims) {
        let what = format!("the claim {claim} in {partition} is missing: its webhook's URL can be taken again");
        found(&mut findings, what, mender.put(table, (partition, claim)));
    }
    for (partition, claim) in survey.claims.difference(&survey.claims_wanted) {
        let what = format!("the claim {claim} in {partition} belongs to no webhook: its URL cannot be registered");
        found(&mut findings, what, mender.delete(table, (partition, claim)));
    }
    for ((pk, sk), why) in &survey.unreadable {
        found(&mut findings, why.clone(), mender.look(table, (pk, sk)));
    }
    findings
}

fn organizations(survey: &WebhooksSurvey, mender: &Mender) -> Findings {
    let known: BTreeMap<&OrganizationId, &Organization> =
        survey.organizations.iter().map(|organization| (&organization.id, organization)).collect();
    let mut findings = Findings::new();
    let flags = |organization: &Organization, with: Option<&str>| {
        let sensible = organization.flags.iter().filter(|flag| *flag == Organization::WEBHOOKS_FLAG);
        let flags: BTreeSet<&str> = sensible.map(String::as_str).chain(with).collect();
        let flags: String = flags.into_iter().map(|flag| format!(" {flag}")).collect();
        mender.admin(&format!("set-flags {}{flags}", organization.id))
    };
    for organization in &survey.organizations {
        for flag in organization.flags.iter().filter(|flag| *flag != Organization::WEBHOOKS_FLAG) {
            let what = format!("organization {} has the flag {flag}, for which nothing asks", organization.id);
            found(&mut findings, what, flags(organization, None));
        }
        if !survey.registered.contains(organization.id.as_str()) {
            let what =
                format!("organization {} is not in the register: `queues` and `doctor` miss it", organization.id);
            found(&mut findings, what, mender.admin("list-organizations"));
        }
    }
    for webhook in &survey.webhooks {
        let id = &webhook.organization;
        match known.get(id) {
            None => {
                let queue = queue_key(id, &webhook.key);
                let what = format!("webhook {queue} is of an organization that does not exist");
                found(&mut findings, what, mender.admin(&format!("create-organization {id} {id}")));
            }
            Some(owner) if webhook.key.api == Api::SdElements && !owner.has_flag(Organization::WEBHOOKS_FLAG) => {
                let flag = Organization::WEBHOOKS_FLAG;
                let what = format!("organization {id} cannot manage its webhooks: its flag {flag} is off");
                found(&mut findings, what, flags(owner, Some(flag)));
            }
            Some(_) => {}
        }
    }
    findings
}

fn tokens(survey: &WebhooksSurvey, mender: &Mender) -> Findings {
    let hashes: BTreeSet<&str> = survey.tokens.iter().map(|token| token.hash.as_str()).collect();
    let pointed: BTreeSet<&str> = survey.pointers.iter().map(|(_, _, hash)| hash.as_str()).collect();
    let mut findings = Findings::new();
    for (organization, id, _) in survey.pointers.iter().filter(|(_, _, hash)| !hashes.contains(hash.as_str())) {
        let what = format!("organization {organization} lists the token {id}, which does not exist");
        found(&mut findings, what, mender.admin(&format!("revoke-token {organization} {}", quoted(id))));
    }
    for token in survey.tokens.iter().filter(|token| !pointed.contains(token.hash.as_str())) {
        let what = format!(
            "the token {} of organization {} is not listed and cannot be revoked",
            token.id, token.organization
        );
        let partition = format!("TOKEN#{}", token.hash);
        found(&mut findings, what, mender.delete(&mender.tables.webhooks, (&partition, "TOKEN")));
    }
    findings
}

fn counters(survey: &WebhooksSurvey, mender: &Mender) -> Findings {
    let mut there: BTreeMap<(OrganizationId, Api), i64> = BTreeMap::new();
    for webhook in &survey.webhooks {
        *there.entry((webhook.organization.clone(), webhook.key.api)).or_default() += 1;
    }
    let keys: BTreeSet<_> = there.keys().chain(survey.counted.keys()).collect();
    let number = |of: &BTreeMap<_, i64>, key| of.get(key).copied().unwrap_or(0);
    let mut findings = Findings::new();
    for key in keys.into_iter().filter(|key| number(&there, key) != number(&survey.counted, key)) {
        let (organization, api) = key;
        let (there, counted) = (number(&there, key), number(&survey.counted, key));
        let item = (format!("ORG#{organization}"), format!("WEBHOOK#{api}#"));
        let values = json!({":count": {"N": there.to_string()}});
        let fix = mender.update(&mender.tables.webhooks, (&item.0, &item.1), "SET webhooks = :count", &values);
        let what = format!("organization {organization} has {there} webhooks through {api}, but {counted} are counted");
        found(&mut findings, what, fix);
    }
    findings
}
