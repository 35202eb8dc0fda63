//! The style, the script and the icon: files whose addresses change with their content, so that a browser may keep them for ever.

use std::sync::LazyLock;

use shared::{encoding::sha256_hex, http::Reply};

/// A file.
pub(crate) struct Asset {
    extension: &'static str,
    media_type: &'static str,
    text: &'static str,
    /// The beginning of the SHA-256 of the text.
    digest: LazyLock<String>,
}

impl Asset {
    const fn new(
        extension: &'static str,
        media_type: &'static str,
        text: &'static str,
        digest: fn() -> String,
    ) -> Self {
        Self { extension, media_type, text, digest: LazyLock::new(digest) }
    }

    /// The file's path below the console.
    pub(crate) fn path(&self) -> String {
        format!("/assets/{}.{}", *self.digest, self.extension)
    }

    /// The file with that name, whatever its digest: a page that was loaded before an update may still ask for the file of
    /// the version before.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        let (_, extension) = name.split_once('.')?;
        [&STYLE, &SLACK, &SCRIPT, &ICON].into_iter().find(|asset| asset.extension == extension)
    }

    /// The file as a reply to a request for the file of that name. Only under its own name it may be kept: an older or newer
    /// file with the name would be another one.
    pub(crate) fn reply(&self, name: &str) -> Reply {
        let own = self.path().strip_prefix("/assets/") == Some(name);
        let kept = if own { "public, max-age=31536000, immutable" } else { "no-store" };
        Reply::text(200, self.media_type, self.text.to_owned())
            .with_header("Cache-Control", kept)
            .with_header("X-Content-Type-Options", "nosniff")
    }
}

const STYLE_TEXT: &str = concat!(include_str!("assets/style.css"), include_str!("picture/picture.css"));
const SLACK_TEXT: &str = include_str!("slack/slack.css");
const ICON_TEXT: &str = include_str!("assets/icon.svg");
const SCRIPT_TEXT: &str = include_str!("assets/script.js");

/// The style of all pages.
pub(crate) static STYLE: Asset = Asset::new("css", "text/css; charset=utf-8", STYLE_TEXT, || digest(STYLE_TEXT));

/// The style of drawn Slack messages, for the pages that have one.
pub(crate) static SLACK: Asset = Asset::new("slack.css", "text/css; charset=utf-8", SLACK_TEXT, || digest(SLACK_TEXT));

/// The script of all pages, which work without it.
pub(crate) static SCRIPT: Asset =
    Asset::new("js", "text/javascript; charset=utf-8", SCRIPT_TEXT, || digest(SCRIPT_TEXT));

/// The icon in the browser's tab.
pub(crate) static ICON: Asset = Asset::new("svg", "image/svg+xml", ICON_TEXT, || digest(ICON_TEXT));

fn digest(text: &str) -> String {
    let mut digest = sha256_hex(text.as_bytes());
    digest.truncate(12);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_finds_its_files() {
        for asset in [&STYLE, &SLACK, &SCRIPT, &ICON] {
            let path = asset.path();
            let name = path.strip_prefix("/assets/").unwrap();
            let found = Asset::find(name).unwrap();
            let (own, other) = (found.reply(name), found.reply(&format!("x{name}")));
            assert_eq!((own.body.as_deref(), other.body.as_deref()), (Some(asset.text), Some(asset.text)));
            assert!(own.headers.iter().any(|(_, value)| value.contains("immutable")));
            assert!(other.headers.iter().any(|(_, value)| value == "no-store"));
        }
        assert!(Asset::find("x.html").is_none() && Asset::find("x").is_none());
    }
}
