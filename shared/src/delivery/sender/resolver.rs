//! Resolves names to public addresses only. The client connects to the addresses that are checked here, so a name that
//! resolves to another address a moment later (DNS rebinding) gains nothing.

use std::{io, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::validation::address::is_forbidden;

/// Refuses a name if any of its addresses is forbidden, because a private address among public ones suggests an attack.
pub(super) struct PublicOnly {
    #[cfg(test)]
    pub(super) test: super::tests::TestOptions,
}

/// The name has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
pub(super) struct Unresolved;

/// The name has a forbidden address.
#[derive(Debug, thiserror::Error)]
#[error("the name has a forbidden address")]
pub(super) struct Forbidden;

impl PublicOnly {
    #[cfg(not(test))]
    async fn look_up(host: &str) -> io::Result<Vec<SocketAddr>> {
        // Reqwest replaces port 0 with the URL's port.
        Ok(tokio::net::lookup_host((host, 0)).await?.collect())
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        #[cfg(test)]
        let test = self.test.clone();
        Box::pin(async move {
            #[cfg(not(test))]
            let (found, exempt) = (Self::look_up(name.as_str()).await, false);
            #[cfg(test)]
            let (found, exempt) = (test.look_up(name.as_str()), test.exempt);
            let found: io::Result<Vec<SocketAddr>> = found;
            let found = found.map_err(|_| Unresolved)?;
            if found.is_empty() {
                return Err(Unresolved.into());
            }
            if !exempt && found.iter().any(|address| is_forbidden(address.ip())) {
                return Err(Forbidden.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
