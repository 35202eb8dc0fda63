//! The console's pages over HTTP, as a browser without a script asks for them. The suite in a real browser is in
//! `tests/console/browser`.

mod attacks;
mod budgets;
mod entering;
mod making;
mod notifications;
mod story;

use regex::Regex;

use crate::support::{Reply, World};

/// Where the console is.
const CONSOLE: &str = "/console";

/// A browser that has entered the console.
pub(crate) struct Browser<'w> {
    world: &'w World,
    /// The session's cookie, `name=text`.
    cookie: String,
    /// The token of the session's forms.
    token: String,
}

impl<'w> Browser<'w> {
    /// Enters with the key of the user who may do everything.
    pub(crate) async fn enter(world: &'w World) -> Self {
        Self::enter_with(world, &world.token).await
    }

    /// Enters with that key.
    async fn enter_with(world: &'w World, key: &str) -> Self {
        let reply = enter(world, key).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        let mut browser = Self { world, cookie: cookie_of(&reply), token: String::new() };
        let page = browser.get("").await;
        browser.token = found(&page.text, r#"name="token" value="([0-9a-f]+)""#);
        browser
    }

    /// Asks for a page below the console.
    async fn get(&self, path: &str) -> Reply {
        self.world.raw("GET", &format!("{CONSOLE}{path}"), &[("Cookie", &self.cookie)], "").await
    }

    /// Asks for a page that must be there, and returns its text.
    pub(crate) async fn page(&self, path: &str) -> String {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.text
    }

    /// Sends a form as the session's pages do.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<_> = [("token", self.token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.send(path, &fields, &self.world.stack.ready().gateway).await
    }

    /// Sends a form with just these fields from a page of that origin.
    async fn send(&self, path: &str, fields: &[(&str, &str)], origin: &str) -> Reply {
        let headers = [("Cookie", self.cookie.as_str()), ("Origin", origin), FORM];
        self.world.raw("POST", &format!("{CONSOLE}{path}"), &headers, &form(fields)).await
    }

    /// Sends a form that must succeed, and returns the page that the browser is sent to.
    pub(crate) async fn done(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let reply = self.post(path, fields).await;
        assert_eq!(reply.status, 303, "{path}: {}", reply.text);
        let to = location(&reply);
        self.page(to.strip_prefix(CONSOLE).unwrap()).await
    }
}

/// What a browser says of a form.
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// The body of a form.
fn form(fields: &[(&str, &str)]) -> String {
    let coded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{}={}", coded(name), coded(value))).collect::<Vec<_>>().join("&")
}

/// Sends the form for a key.
async fn enter(world: &World, key: &str) -> Reply {
    let headers = [("Origin", world.stack.ready().gateway.as_str()), FORM];
    world.raw("POST", "/console/enter", &headers, &form(&[("key", key)])).await
}

/// The cookie that a reply sets, `name=text`.
fn cookie_of(reply: &Reply) -> String {
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// Where a reply sends the browser.
fn location(reply: &Reply) -> String {
    reply.headers["location"].to_str().unwrap().to_owned()
}

/// The first group of the pattern in the text.
fn found(text: &str, pattern: &str) -> String {
    let pattern = Regex::new(pattern).unwrap();
    let groups = pattern.captures(text).unwrap_or_else(|| panic!("{pattern} is not in {text}"));
    groups[1].to_owned()
}

/// Makes a webhook of SD Elements that subscribes to activities, and whose endpoint answers with that status. Returns its
/// id as the operations API has it.
pub(crate) async fn webhook_that_gets(world: &World, name: &str, status: u16) -> String {
    let body = if status == 200 { "ok" } else { "no_service" };
    world.behave(name, &serde_json::json!({"status": status, "body": body})).await;
    let id = world.subscribed(name).await;
    format!("sdelements:{id}")
}
