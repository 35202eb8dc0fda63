//! Tickets that enter the console.

use super::{
    Store, StoreError,
    condition::Condition::Absent,
    keys::{TICKET_SK, ticket_pk},
    records::write,
    values::{key, number},
    write::Write,
};
use crate::domain::Ticket;

impl Store {
    /// Stores a ticket until it expires. Needs `PutItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn put_ticket(&self, ticket: &Ticket) -> Result<(), StoreError> {
        let mut item = write(ticket)?;
        item.extend(key(ticket_pk(&ticket.hash), TICKET_SK));
        item.insert("expires_at".to_owned(), number(ticket.expires.seconds()));
        self.put_item(Write::put(&self.tables.webhooks, item).only_if(Absent("pk"))).await.map(|_| ())
    }
}
