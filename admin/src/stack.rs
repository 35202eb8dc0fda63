//! The deployment that a command works on: its tables and functions, and how to reach them.

mod outputs;
mod ready;

use shared::{
    app::{App, Callers},
    aws::Aws,
    delivery::Waker,
    domain::{Organization, OrganizationId, Webhook, WebhookKey},
    store::{Store, Tables},
};

use crate::{
    arguments::{Arguments, Owner},
    config::config,
    failure::{BoxError, missing, missing_webhook},
    screen::Terminal,
};

/// How to reach Lambda, and the name of the function that delivers.
#[derive(Clone)]
pub(crate) struct Drain {
    pub(crate) aws: Aws,
    pub(crate) function: String,
}

/// The deployment that a command works on.
pub(crate) struct Stack {
    /// What the operations API works with too.
    pub(crate) app: App,
    pub(crate) tables: Tables,
    /// Nothing if another DynamoDB than AWS's is used without another Lambda.
    pub(crate) drain: Option<Drain>,
    /// How a command of this program begins that works on the same deployment.
    pub(crate) command: String,
    /// The address of the API, if the stack names it.
    pub(crate) api: Option<String>,
    /// The address of another DynamoDB than AWS's.
    pub(crate) endpoint: Option<String>,
    /// The name of the stack, if the arguments name it.
    pub(crate) name: Option<String>,
    /// The organization of a local stack.
    organization: Option<OrganizationId>,
}

impl Stack {
    /// Finds the deployment that the arguments name.
    pub(crate) async fn find(arguments: &Arguments, terminal: &Terminal<'_>) -> Result<Self, BoxError> {
        let Arguments { webhooks_table, events_table, deliveries_table, .. } = arguments;
        let (mut endpoint, mut lambda_endpoint) = (arguments.endpoint.clone(), arguments.lambda_endpoint.clone());
        let mut function = arguments.drain_function.clone();
        let mut tables = Tables {
            webhooks: webhooks_table.clone(),
            events: events_table.clone(),
            deliveries: deliveries_table.clone(),
        };
        let (mut command, mut organization, mut api) = ("cargo admin".to_owned(), None, None);
        if let Some(file) = &arguments.ready_file {
            let ready = ready::read(file)?;
            (endpoint, lambda_endpoint) = (Some(ready.dynamodb), Some(ready.lambda));
            (tables, function) = (ready::tables(), Some(ready::DRAIN.to_owned()));
            (organization, api) = (OrganizationId::parse(&ready.organization), Some(ready.gateway));
            command = format!("{command} --ready-file {}", file.display());
        } else if let Some(name) = &arguments.stack_name {
            let outputs = outputs::read(name, arguments.cloudformation_endpoint.as_deref()).await?;
            (tables, function, api) = (outputs.tables, Some(outputs.drain), Some(outputs.api));
            command = format!("{command} --stack-name {name}");
        }
        let store = Store::on(&config(endpoint.as_deref()).await?, tables.clone());
        let store = store.with(terminal.clock.clone(), terminal.entropy.clone());
        // Another DynamoDB than AWS's has no part of AWS's Lambda.
        let drain = match function {
            Some(function) if endpoint.is_none() || lambda_endpoint.is_some() => {
                let aws = Aws::of(config(lambda_endpoint.as_deref()).await?);
                Some(Drain { aws, function })
            }
            _ => None,
        };
        let waker = drain.as_ref().map(|drain| Waker::of(&drain.aws, Some(drain.function.clone())));
        let app = App { store, callers: Callers::default(), waker: waker.unwrap_or_default() };
        Ok(Self { app, tables, drain, command, api, endpoint, name: arguments.stack_name.clone(), organization })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.app.store
    }

    /// The id of the organization that the arguments name.
    pub(crate) fn organization_id(&self, owner: &Owner) -> Result<OrganizationId, BoxError> {
        let found = owner.organization.clone().or_else(|| self.organization.clone());
        found.ok_or_else(|| {
            "say whose webhook it is: --organization <id>, or export OUTHOOK_ORGANIZATION=<id>; \
             `cargo admin list-organizations` shows the ids"
                .into()
        })
    }

    /// The organization that the arguments name.
    pub(crate) async fn organization(&self, owner: &Owner) -> Result<Organization, BoxError> {
        let id = self.organization_id(owner)?;
        self.store().organization(&id).await?.ok_or_else(|| missing(&id))
    }

    /// The webhook, with its organization.
    pub(crate) async fn webhook(&self, owner: &Owner, key: &WebhookKey) -> Result<(Organization, Webhook), BoxError> {
        let organization = self.organization(owner).await?;
        let webhook = self.store().webhook(&organization.id, key).await?;
        let webhook = webhook.ok_or_else(|| missing_webhook(&organization.id, key))?;
        Ok((organization, webhook))
    }

    /// What the names of the delivery functions begin with; `None` without a drain function.
    pub(crate) fn prefix(&self) -> Option<&str> {
        let function = self.drain.as_ref()?.function.as_str();
        Some(function.strip_suffix("-drain").unwrap_or(function))
    }
}
