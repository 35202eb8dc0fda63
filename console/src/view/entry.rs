//! Entering: the form for a key.

use maud::{Markup, html};

use super::{Frame, Section, layout, parts};
use crate::asset::ICON;

/// The page that asks for a key. `next` is where to go after that, below the console.
pub(crate) fn page(frame: &Frame, next: &str, message: Option<&str>) -> Markup {
    layout::page(
        frame,
        Section::None,
        "Enter",
        &html! {
            div.narrow {
                h1 { "Enter the console" }
                @if let Some(message) = message { p.errors role="alert" { (message) } }
                form method="post" action=(frame.link("/enter")) {
                    (parts::token(frame))
                    input type="hidden" name="next" value=(next);
                    // A password manager keeps a key under a name.
                input type="text" name="user" value="Outhook" autocomplete="username" hidden;
                label for="key" { "Key" }
                    input #key type="password" name="key" required autocomplete="current-password" spellcheck="false"
                        aria-describedby="key-help";
                    p.help #key-help {
                        "The API key of a user with the permission " code { "operations:read" }
                        ". It begins with " code { "oh_" } ". It is sent once and not kept in the browser."
                    }
                    button.primary { "Enter" }
                }
                p.help { "You can also enter with a link that your application or a colleague makes for you. It works once, within five minutes." }
            }
        },
    )
}

/// The page that takes a visitor who came by a link on into the console. The next page is not asked for by a redirect: the
/// browser would treat it as one from the site that had the link, and would not send the cookie.
pub(crate) fn welcome(frame: &Frame, user: &str) -> Markup {
    html! {
        (maud::DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="refresh" content={ "0;url=" (frame.link("")) };
                title { "Welcome · Outhook" }
                // Without this, browsers ask for an icon that is not there.
                link rel="icon" href=(frame.link(&ICON.path()));
            }
            body {
                main {
                    h1 { "Welcome, " (user) }
                    p { a href=(frame.link("")) { "Go on to the console" } }
                }
            }
        }
    }
}
