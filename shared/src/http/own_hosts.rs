//! The hosts of the API itself. They cannot be endpoints, because an event that is delivered to them could be published
//! again.

use url::Url;

use crate::domain::Secret;

/// The hosts of the API, as far as a request's context and the public URL show them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnHosts {
    /// The hosts in the form in which the URL parser writes them.
    hosts: Vec<String>,
    /// The gateway's id of the API, with which its default host name begins.
    api_id: Option<String>,
}

impl OwnHosts {
    /// These hosts, given with or without ports, and the default host names of the API with this id on AWS.
    pub(super) fn new<'h>(hosts: impl IntoIterator<Item = &'h str>, api_id: Option<&str>) -> Self {
        let hosts = hosts.into_iter().filter_map(|host| host_of(&format!("https://{host}"))).collect();
        Self { hosts, api_id: api_id.map(str::to_ascii_lowercase).filter(|id| !id.is_empty()) }
    }

    /// Whether the URL leads to one of these hosts, in any spelling and on any port.
    #[must_use]
    pub fn include(&self, url: &Secret) -> bool {
        let Some(host) = host_of(url.expose()) else { return false };
        let default = self.api_id.as_ref().is_some_and(|id| {
            // The default name is `<id>.execute-api.<region>...`, or `<id>-<endpoint>.execute-api.<region>...` for an
            // interface endpoint.
            host.strip_prefix(id.as_str())
                .and_then(|rest| rest.split_once(".execute-api."))
                .is_some_and(|(endpoint, _)| endpoint.is_empty() || endpoint.starts_with('-'))
        });
        default || self.hosts.contains(&host)
    }
}

/// The host of a URL, normalized for comparison.
fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(url.host_str()?.trim_end_matches('.').to_ascii_lowercase()).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_host_is_known_in_every_spelling() {
        let own = OwnHosts::new(["Hooks.Acme.Example:443", "127.0.0.1:3000", "", "b\u{fc}cher.example"], Some("Ab12"));
        for url in [
            "https://hooks.acme.example",
            "https://HOOKS.acme.example./events",
            "https://hooks.acme.example:443/events",
            "https://hooks.acme.example:8443/x?y",
            "https://hooks%2eacme.example/",
            "https://127.1/",
            "https://xn--bcher-kva.example/",
            "https://ab12.execute-api.eu-west-1.amazonaws.com/prod/events",
            "https://AB12-vpce-1.execute-api.eu-west-1.amazonaws.com./prod/events",
        ] {
            assert!(own.include(&Secret::new(url)), "{url}");
        }
        for url in [
            "https://acme.example/",
            "https://xhooks.acme.example/",
            "https://hooks.acme.example.evil.example/",
            "https://ab123.execute-api.eu-west-1.amazonaws.com/",
            "https://evil.example/hooks.acme.example",
            "not a url",
        ] {
            assert!(!own.include(&Secret::new(url)), "{url}");
        }
        assert!(!OwnHosts::default().include(&Secret::new("https://example.com")));
    }
}
