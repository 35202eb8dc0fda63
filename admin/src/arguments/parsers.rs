//! Reads the values of arguments. The errors say what is accepted.

use shared::{
    domain::{Api, EventId, OrganizationId, Permission, Secret, WebhookKey},
    validation::slack_compatible_url,
};

#[expect(clippy::unnecessary_wraps, reason = "clap asks for a parser that may fail")]
pub(super) fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

pub(super) fn organization(text: &str) -> Result<OrganizationId, String> {
    OrganizationId::parse(text)
        .ok_or_else(|| "an organization's id is 1 to 40 lower-case letters and digits".to_owned())
}

pub(super) fn host(text: &str) -> Result<String, String> {
    slack_compatible_url::host(text)
        .ok_or_else(|| "a host is a public DNS name without a port or path, and not one of Slack's own".to_owned())
}

pub(super) fn api_names() -> String {
    Api::ALL.iter().map(|api| api.as_str()).collect::<Vec<_>>().join(", ")
}

pub(super) fn api(text: &str) -> Result<Api, String> {
    Api::parse(text).ok_or_else(|| format!("the APIs are: {}", api_names()))
}

pub(super) fn webhook(text: &str) -> Result<WebhookKey, String> {
    WebhookKey::parse(text).ok_or_else(|| format!("a webhook is `<api>:<id>`; the APIs are {}", api_names()))
}

pub(super) fn event(text: &str) -> Result<EventId, String> {
    text.parse().map_err(|_| "an event's id is a ULID, as `deliveries` shows it".to_owned())
}

pub(super) fn permission(text: &str) -> Result<Permission, String> {
    let all = Permission::ALL.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(", ");
    Permission::parse(text).ok_or_else(|| format!("the permissions are: {all}"))
}

/// A share, as a fraction (`0.05`) or in percent (`5%`).
pub(super) fn share(text: &str) -> Result<f64, String> {
    let number = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse::<f64>(),
    };
    let share = number.ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a share is from 0 to 1, or from 0% to 100%".to_owned())
}

/// A number of events or webhooks, at least 0.
pub(super) fn amount(text: &str) -> Result<f64, String> {
    let number = text.replace('_', "").parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "a number of at least 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_fraction_or_in_percent() {
        assert_eq!((share("0.05"), share("5%"), share("1"), share("0 %")), (Ok(0.05), Ok(0.05), Ok(1.0), Ok(0.0)));
        for text in ["-1", "1.1", "101%", "x", "", "NaN"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
