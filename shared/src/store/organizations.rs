//! Making organizations and tokens: what `admin` and the local stack's seeding do.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};

use super::{
    Store, StoreError,
    error::{Refusal, failed, transaction_refusal},
    keys::{ORGANIZATION_SK, TOKEN_SK, organization_pk, token_pk, token_pointer_sk},
    records::{read, write},
    retry::Tried,
    values::{key, number, text, text_of},
};
use crate::domain::{Api, Organization, OrganizationId, Token};

impl Store {
    /// Makes an organization; false if its id is taken. Needs `PutItem` on the Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn create_organization(&self, organization: &Organization) -> Result<bool, StoreError> {
        let mut item = write(organization)?;
        item.extend(key(organization_pk(&organization.id), ORGANIZATION_SK));
        let put = self.client.put_item().table_name(&self.tables.webhooks).set_item(Some(item));
        match put.condition_expression("attribute_not_exists(pk)").send().await {
            Ok(_) => Ok(true),
            Err(error) if super::error::is_condition(&error) => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Reads an organization. Needs `GetItem` on the Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn organization(&self, id: &OrganizationId) -> Result<Option<Organization>, StoreError> {
        let wanted = Some(key(organization_pk(id), ORGANIZATION_SK));
        let reply = self.client.get_item().table_name(&self.tables.webhooks).set_key(wanted).consistent_read(true);
        reply.send().await.map_err(|error| failed(&error))?.item.map(read).transpose()
    }

    /// Reads every organization, by a scan. Needs `Scan` on the Webhooks table; no deployed function has it.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let scan = self.client.scan().table_name(&self.tables.webhooks).filter_expression("sk = :organization");
        let mut pages =
            scan.expression_attribute_values(":organization", text(ORGANIZATION_SK)).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            for item in page.map_err(|error| failed(&error))?.items.unwrap_or_default() {
                found.push(read(item)?);
            }
        }
        Ok(found)
    }

    /// Sets the feature flags that are on; false if the organization does not exist. Needs `UpdateItem` on the Webhooks table;
    /// no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn set_flags(&self, id: &OrganizationId, flags: &[String]) -> Result<bool, StoreError> {
        self.set(id, "flags", AttributeValue::L(flags.iter().map(text).collect())).await
    }

    /// Sets how many webhooks it may have through that API; false if the organization does not exist. Needs `UpdateItem` on the
    /// Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn set_webhook_limit(&self, id: &OrganizationId, api: Api, limit: u32) -> Result<bool, StoreError> {
        self.set(id, &format!("{api}_webhook_limit"), number(limit)).await
    }

    /// Keeps an issued token, with the pointer by which its organization lists it. Needs `PutItem` on the Webhooks table; no
    /// deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn put_token(&self, token: &Token) -> Result<(), StoreError> {
        let mut item = write(token)?;
        item.extend(key(token_pk(&token.hash), TOKEN_SK));
        let mut pointer = key(organization_pk(&token.organization), token_pointer_sk(&token.id));
        pointer.insert("hash".to_owned(), text(&token.hash));
        let puts = [item, pointer].map(|item| Put::builder().table_name(&self.tables.webhooks).set_item(Some(item)));
        self.retry_conflicts(|| async {
            let mut write = self.client.transact_write_items();
            for put in puts.clone() {
                write = write.transact_items(TransactWriteItem::builder().set_put(put.build().ok()).build());
            }
            decided(write.send().await.map(|_| ()).map_err(transaction_refusal))
        })
        .await
    }

    /// The organization's tokens. Needs `Query` and `GetItem` on the Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn tokens(&self, id: &OrganizationId) -> Result<Vec<Token>, StoreError> {
        let query = self.client.query().table_name(&self.tables.webhooks).consistent_read(true);
        let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)");
        let query = query.expression_attribute_values(":pk", text(organization_pk(id)));
        let mut pages = query.expression_attribute_values(":prefix", text("TOKEN#")).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            for pointer in page.map_err(|error| failed(&error))?.items.unwrap_or_default() {
                let wanted = Some(key(token_pk(text_of(&pointer, "hash")), TOKEN_SK));
                let get = self.client.get_item().table_name(&self.tables.webhooks).set_key(wanted);
                if let Some(item) = get.send().await.map_err(|error| failed(&error))?.item {
                    found.push(read(item)?);
                }
            }
        }
        Ok(found)
    }

    /// Revokes a token by its short id; false if there is none. Warm functions may accept it for 60 s more. Needs `GetItem`
    /// and `DeleteItem` on the Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn revoke_token(&self, id: &OrganizationId, token: &str) -> Result<bool, StoreError> {
        let pointer = key(organization_pk(id), token_pointer_sk(token));
        let get = self.client.get_item().table_name(&self.tables.webhooks).set_key(Some(pointer.clone()));
        let Some(item) = get.send().await.map_err(|error| failed(&error))?.item else { return Ok(false) };
        let deletes = [pointer, key(token_pk(text_of(&item, "hash")), TOKEN_SK)]
            .map(|key| Delete::builder().table_name(&self.tables.webhooks).set_key(Some(key)));
        self.retry_conflicts(|| async {
            let mut write = self.client.transact_write_items();
            for delete in deletes.clone() {
                write = write.transact_items(TransactWriteItem::builder().set_delete(delete.build().ok()).build());
            }
            decided(write.send().await.map(|_| true).map_err(transaction_refusal))
        })
        .await
    }

    /// Sets an attribute of an organization; false if the organization does not exist.
    async fn set(&self, id: &OrganizationId, name: &str, value: AttributeValue) -> Result<bool, StoreError> {
        let update = self.client.update_item().table_name(&self.tables.webhooks);
        let update = update.set_key(Some(key(organization_pk(id), ORGANIZATION_SK)));
        let update = update.update_expression("SET #name = :value").expression_attribute_names("#name", name);
        let update = update.expression_attribute_values(":value", value);
        match update.condition_expression("attribute_exists(pk)").send().await {
            Ok(_) => Ok(true),
            Err(error) if super::error::is_condition(&error) => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }
}

fn decided<T>(result: Result<T, Refusal>) -> Result<Tried<T>, StoreError> {
    match result {
        Ok(value) => Ok(Tried::Done(value)),
        Err(Refusal::Failed(error)) => Err(error),
        Err(Refusal::Conflict | Refusal::Condition(_)) => Ok(Tried::Conflict),
    }
}
