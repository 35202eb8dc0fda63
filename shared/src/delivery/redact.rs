//! Removes a webhook's secrets from its endpoint's reply, because receivers echo URLs, headers and keys
//! (docs/security.md).
//!
//! The reply is read in every possible way (`readings`): as it stands, with escapes decoded, as hexadecimal, as base64,
//! and in two layers of those. If a reading contains a secret, or a part that is a secret of its own (`parts`), the
//! place in the reply from which it was read is masked.

mod blocks;
mod escapes;
mod needles;
mod parts;
mod readings;
mod search;

use std::{fmt, sync::Arc};

use needles::Needles;
use parts::Parts;

use crate::domain::{Endpoint, Secret, Webhook};

/// Replaces a secret in a redacted reply.
pub const MARK: &str = "***";

/// The secrets of a webhook and of its alert endpoint. Cheap to clone. `Debug` shows only their number.
#[derive(Clone, Default)]
pub struct Secrets(Arc<[Known]>);

#[derive(Clone)]
enum Known {
    Url(Secret),
    Header(String, Secret),
    Signing(Secret),
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl Secrets {
    /// The secrets of the webhook and of its alert endpoint: URLs, header values, and signing secrets, whether or not
    /// these are in use.
    #[must_use]
    pub fn of(webhook: &Webhook) -> Self {
        let alert = webhook.policy.as_ref().and_then(|policy| policy.alert_endpoint.as_ref());
        let all: Vec<Known> = std::iter::once(&webhook.endpoint).chain(alert).flat_map(known).collect();
        Self(all.into())
    }

    /// These secrets together with the URL and the header values of one request.
    #[must_use]
    pub fn with(&self, url: &Secret, headers: &[(String, Secret)]) -> Self {
        let header = |(name, value): &(String, Secret)| Known::Header(name.clone(), value.clone());
        Self(self.0.iter().cloned().chain([Known::Url(url.clone())]).chain(headers.iter().map(header)).collect())
    }

    /// The reply `said` on one line, with [`MARK`] in place of each secret. A secret is found in any mixture of upper
    /// and lower case; percent-encoded; in the escapes of JSON, JavaScript and HTML; in hexadecimal and base64; in any
    /// two of these; and cut off at the end of the text. Bytes that are not UTF-8 are replaced.
    ///
    /// A secret or a part of fewer than four characters is masked only next to what belongs to it (a header's name, the
    /// rest of a path, the user of a password). On its own it would be found in every text.
    #[must_use]
    pub fn redact(&self, said: &[u8]) -> String {
        let line = one_line(said);
        let mut spans = search::find(&line, &self.needles());
        spans.sort_unstable();
        let (mut shown, mut at, mut masked) = (Vec::with_capacity(line.len()), 0, false);
        for (begin, end) in spans {
            if end <= at {
                continue;
            }
            if begin > at || !masked {
                shown.extend_from_slice(line.get(at..begin).unwrap_or_default());
                shown.extend_from_slice(MARK.as_bytes());
            }
            (at, masked) = (end, true);
        }
        shown.extend_from_slice(&line[at..]);
        String::from_utf8_lossy(&shown).trim().to_owned()
    }

    fn needles(&self) -> Needles {
        let mut parts = Parts::default();
        for known in self.0.iter() {
            match known {
                Known::Url(url) => parts.url(url.expose()),
                Known::Header(name, value) => parts.header(name, value.expose()),
                Known::Signing(secret) => parts.signing(secret.expose()),
            }
        }
        let texts = parts.into_texts();
        let lines: Vec<Vec<u8>> = texts.iter().map(|text| one_line(text)).collect();
        Needles::new(texts.into_iter().chain(lines))
    }
}

/// The secrets of an endpoint.
fn known(endpoint: &Endpoint) -> Vec<Known> {
    let values = |(name, values): &(String, Vec<Secret>)| {
        values.iter().map(|value| Known::Header(name.clone(), value.clone())).collect::<Vec<_>>()
    };
    let signing = endpoint.signing_secrets.iter().cloned().map(Known::Signing);
    [Known::Url(endpoint.url.clone())]
        .into_iter()
        .chain(endpoint.headers.iter().flat_map(values))
        .chain(signing)
        .collect()
}

/// The text with control characters replaced by spaces. Bytes that are not UTF-8 stay, because they may be part of a
/// key.
fn one_line(said: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(said.len());
    let mut rest = said;
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            // U+0080 to U+009F.
            (0xC2, [0x80..=0x9F, after @ ..]) => {
                line.extend_from_slice(b"  ");
                rest = after;
            }
            (byte, _) if byte.is_ascii_control() => line.push(b' '),
            (byte, _) => line.push(*byte),
        }
    }
    line
}

#[cfg(test)]
mod tests;
