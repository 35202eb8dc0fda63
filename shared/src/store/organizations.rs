//! Creating and reading organizations and tokens, for `admin` and for seeding the local stack.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store, StoreError,
    condition::Condition::{Absent, BeginsWith, Exists, Is},
    error::failed,
    keys::{ORGANIZATION_SK, REGISTER_PK, TOKEN_POINTER_PREFIX, TOKEN_SK, organization_pk, token_pk, token_pointer_sk},
    records::{read, write},
    values::{key, number, text, text_of},
    write::{Put, Write},
};
use crate::domain::{Api, Organization, OrganizationId, Token};

impl Store {
    /// Creates an organization and enters it in the register. Returns false if its id is taken. Needs `PutItem` on the
    /// Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn create_organization(&self, organization: &Organization) -> Result<bool, StoreError> {
        let mut item = write(organization)?;
        item.extend(key(organization_pk(&organization.id), ORGANIZATION_SK));
        let put = Write::put(&self.tables.webhooks, item).only_if(Absent("pk"));
        Ok(self.transact([put.into(), self.entry(&organization.id).into()]).await?.is_ok())
    }

    /// Reads an organization; `None` if it does not exist. Needs `GetItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn organization(&self, id: &OrganizationId) -> Result<Option<Organization>, StoreError> {
        let wanted = key(organization_pk(id), ORGANIZATION_SK);
        self.get_item(&self.tables.webhooks, wanted).await?.map(read).transpose()
    }

    /// Reads all organizations with a scan, and enters those in the register that are missing there. Needs `Scan`,
    /// `Query` and `PutItem` on the Webhooks table; no deployed function has that permission.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let scan = self.client.scan().table_name(&self.tables.webhooks).filter_expression("sk = :organization");
        let scan = scan.expression_attribute_values(":organization", text(ORGANIZATION_SK));
        let mut items = scan.into_paginator().items().send();
        let mut found: Vec<Organization> = Vec::new();
        while let Some(item) = items.next().await {
            found.push(read(item.map_err(|error| failed(&error))?)?);
        }
        let known: BTreeSet<_> = self.registered().await?.into_iter().collect();
        for missing in found.iter().filter(|organization| !known.contains(&organization.id)) {
            // Fails only if somebody else has entered it meanwhile.
            let _ = self.put_item(self.entry(&missing.id)).await?;
        }
        Ok(found)
    }

    /// Reads the ids of all organizations from the register. If the register is empty, because the version before made
    /// the organizations, they are looked for with [`Store::organizations`] and entered. Needs `Query` on the Webhooks
    /// table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn organization_ids(&self) -> Result<Vec<OrganizationId>, StoreError> {
        let found = self.registered().await?;
        if !found.is_empty() {
            return Ok(found);
        }
        Ok(self.organizations().await?.into_iter().map(|organization| organization.id).collect())
    }

    /// Replaces the organization's feature flags; a flag that is listed is on. Returns false if the organization does
    /// not exist. Needs `UpdateItem` on the Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn set_flags(&self, id: &OrganizationId, flags: &[String]) -> Result<bool, StoreError> {
        self.set(id, "flags", AttributeValue::L(flags.iter().map(text).collect())).await
    }

    /// Sets how many webhooks the organization may have through that API. Returns false if the organization does not
    /// exist. Needs `UpdateItem` on the Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn set_webhook_limit(&self, id: &OrganizationId, api: Api, limit: u32) -> Result<bool, StoreError> {
        self.set(id, &format!("{api}_webhook_limit"), number(limit)).await
    }

    /// Replaces the hosts, besides Slack's own, to which the organization's webhooks may post Slack messages. Returns
    /// false if the organization does not exist. Needs `UpdateItem` on the Webhooks table; no deployed function calls
    /// it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn set_slack_compatible_hosts(&self, id: &OrganizationId, hosts: &[String]) -> Result<bool, StoreError> {
        self.set(id, "slack_compatible_hosts", AttributeValue::L(hosts.iter().map(text).collect())).await
    }

    /// Stores an issued token, together with the pointer by which its organization lists it. Needs `PutItem` on the
    /// Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn put_token(&self, token: &Token) -> Result<(), StoreError> {
        let mut item = write(token)?;
        item.extend(key(token_pk(&token.hash), TOKEN_SK));
        let mut pointer = key(organization_pk(&token.organization), token_pointer_sk(&token.id));
        pointer.insert("hash".to_owned(), text(&token.hash));
        let puts = [item, pointer].map(|item| Write::put(&self.tables.webhooks, item).into());
        self.transact(puts).await.map(|_| ())
    }

    /// Reads the organization's tokens. Needs `Query` and `GetItem` on the Webhooks table; no deployed function calls
    /// it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn tokens(&self, id: &OrganizationId) -> Result<Vec<Token>, StoreError> {
        let of = [Is("pk", text(organization_pk(id))), BeginsWith("sk", text(TOKEN_POINTER_PREFIX))];
        let (pointers, _) = self.query(&self.tables.webhooks, of).first(usize::MAX, None).await?;
        let mut found = Vec::new();
        for pointer in pointers {
            let wanted = key(token_pk(text_of(&pointer, "hash")), TOKEN_SK);
            found.extend(self.get_item(&self.tables.webhooks, wanted).await?.map(read).transpose()?);
        }
        Ok(found)
    }

    /// Revokes the token with that short id, which also ends the sessions of the console that it began. Returns false if
    /// there is none. Warm functions may accept the token for 60 more seconds, but no session. Needs `GetItem` and
    /// `DeleteItem` on the Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn revoke_token(&self, id: &OrganizationId, token: &str) -> Result<bool, StoreError> {
        let pointer = key(organization_pk(id), token_pointer_sk(token));
        let Some(item) = self.get_item(&self.tables.webhooks, pointer.clone()).await? else { return Ok(false) };
        let deletes = [pointer, key(token_pk(text_of(&item, "hash")), TOKEN_SK)]
            .map(|key| Write::delete(&self.tables.webhooks, key).into());
        self.transact(deletes).await.map(|_| true)
    }

    /// The organizations that the register names.
    async fn registered(&self) -> Result<Vec<OrganizationId>, StoreError> {
        let query = self.query(&self.tables.webhooks, [Is("pk", text(REGISTER_PK))]).showing(&["sk"]);
        let (entries, _) = query.first(usize::MAX, None).await?;
        Ok(entries.iter().filter_map(|item| OrganizationId::parse(text_of(item, "sk"))).collect())
    }

    /// The register's entry of an organization.
    fn entry(&self, id: &OrganizationId) -> Write<Put> {
        Write::put(&self.tables.webhooks, key(REGISTER_PK, id.as_str())).only_if(Absent("pk"))
    }

    /// Sets an attribute of an organization. Returns false if the organization does not exist.
    async fn set(&self, id: &OrganizationId, name: &str, value: AttributeValue) -> Result<bool, StoreError> {
        let update = Write::update(&self.tables.webhooks, key(organization_pk(id), ORGANIZATION_SK));
        Ok(self.update_item(update.set(name, value).only_if(Exists("pk"))).await?.is_ok())
    }
}
