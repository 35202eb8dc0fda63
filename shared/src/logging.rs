//! Decides what is logged, for every function.
//!
//! More people read logs than may see secrets. Other crates (HTTP, TLS, the AWS SDK, Lambda's runtime) log requests
//! with their headers and bodies at DEBUG and TRACE, so they never log below INFO, whatever level is requested. Our own
//! code logs no secret and nothing of a reply or of an event's data; it never logs below DEBUG.

use std::panic::PanicHookInfo;

use lambda_runtime::tracing::subscriber::{self, EnvFilter};

/// Our own crates.
const OURS: [&str; 3] = ["shared", "admin", "local"];

/// The level of detail that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

impl Level {
    fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "off" => Some(Self::Off),
            "error" | "fatal" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "info" => Some(Self::Info),
            // Nothing is logged below DEBUG.
            "debug" | "trace" => Some(Self::Debug),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// Starts logging to standard output, in the format of Lambda's logging settings and at the level that they or
/// `RUST_LOG` request, as far as this module allows. For a panic, which would be a defect, only the place in the code
/// is logged, because its message may quote anything.
pub fn start() {
    let variable = |name| std::env::var(name).ok();
    let filter = EnvFilter::new(directives(variable("AWS_LAMBDA_LOG_LEVEL").or_else(|| variable("RUST_LOG"))));
    let lines = subscriber::fmt().with_target(false).without_time().with_env_filter(filter);
    if variable("AWS_LAMBDA_LOG_FORMAT").is_some_and(|form| form.eq_ignore_ascii_case("json")) {
        lines.json().init();
    } else {
        lines.init();
    }
    std::panic::set_hook(Box::new(|panic| tracing::error!(place = place_of(panic), "a defect: the code panicked")));
}

fn place_of(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map(ToString::to_string).unwrap_or_default()
}

/// The log filter for the requested level, as far as it is allowed: one level for our crates, and one for all others.
/// Only plain levels and directives for our crates are read from `RUST_LOG`.
fn directives(asked: Option<String>) -> String {
    let asked = asked.unwrap_or_default();
    let level = |directive: &str| match directive.split_once('=') {
        None => Level::parse(directive),
        Some((target, level)) => {
            let krate = target.split("::").next().unwrap_or_default().trim();
            Level::parse(level).filter(|_| OURS.contains(&krate))
        }
    };
    let ours = asked.split(',').filter_map(level).max().unwrap_or(Level::Info);
    let mut directives = ours.min(Level::Info).as_str().to_owned();
    for krate in OURS {
        directives.push_str(&format!(",{krate}={}", ours.as_str()));
    }
    directives
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(asked: &str) -> (String, String) {
        let directives = directives(Some(asked.to_owned()));
        let mut parts = directives.split(',');
        let (others, ours) = (parts.next().unwrap(), parts.next().unwrap());
        assert_eq!(parts.count(), OURS.len() - 1);
        (others.to_owned(), ours.strip_prefix("shared=").unwrap().to_owned())
    }

    #[test]
    fn no_crate_but_ours_logs_below_info_whatever_is_asked_for() {
        for (asked, others, ours) in [
            ("TRACE", "info", "debug"),
            ("debug", "info", "debug"),
            ("trace,hyper=trace,aws_smithy_runtime=debug", "info", "debug"),
            ("hyper=trace", "info", "info"),
            ("shared::delivery=trace", "info", "debug"),
            ("info", "info", "info"),
            ("WARN", "warn", "warn"),
            ("FATAL", "error", "error"),
            ("off", "off", "off"),
            ("[span]=trace", "info", "info"),
            ("", "info", "info"),
        ] {
            assert_eq!(levels(asked), (others.to_owned(), ours.to_owned()), "{asked}");
        }
        assert!(directives(None).starts_with("info,shared=info"));
    }

    #[test]
    fn release_builds_hold_no_line_below_debug() {
        let most = if cfg!(debug_assertions) { tracing::Level::TRACE } else { tracing::Level::DEBUG };
        assert_eq!(tracing::level_filters::STATIC_MAX_LEVEL, most);
    }
}
