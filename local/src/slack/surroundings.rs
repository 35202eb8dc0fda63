//! What the stand-in knows of the stack around it. Where it stands alone, it knows nothing.

use std::{pin::Pin, sync::Arc};

use shared::store::Store;

use crate::{openapi::Access, seed::Ready};

/// Makes a link that enters the console; `None` if that does not work.
pub(crate) type ConsoleLink = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Option<String>> + Send>> + Send + Sync>;

/// The stack around the stand-in.
#[derive(Clone, Default)]
pub(crate) struct Surroundings {
    /// The stack's tables, for the secrets by which signatures are checked.
    pub(crate) store: Option<Store>,
    /// The API, to which the page of the APIs sends what is tried there.
    pub(crate) api: Option<Arc<Access>>,
    /// The way into the console, to which `GET /console-link` redirects.
    pub(crate) console_link: Option<ConsoleLink>,
}

/// Makes links that enter the console of this stack, whose tables are `store`.
pub(crate) fn console_link(ready: Ready, store: Store) -> ConsoleLink {
    let (ready, store) = (Arc::new(ready), Arc::new(store));
    Arc::new(move || {
        let (ready, store) = (Arc::clone(&ready), Arc::clone(&store));
        Box::pin(async move { ready.console_link(&store).await.ok().map(|link| link.expose().to_owned()) })
    })
}
