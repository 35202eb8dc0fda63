//! `docs/operating.md` says which permission each route needs, and so it is.

use std::collections::BTreeSet;

use serde_json::json;
use shared::domain::Permission;

use super::PROJECT;
use crate::{
    support::{World, root},
    template::functions,
};

/// A row of the document's table.
struct Row {
    methods: Vec<String>,
    path: String,
    /// Any of these will do; of one, all are needed. Without any, every token does.
    needs: Vec<Vec<Permission>>,
}

impl Row {
    fn says(&self, method: &str, path: &str) -> bool {
        self.methods.iter().any(|known| known == method)
            && self.path.strip_suffix('…').map_or(self.path == path, |stem| path.starts_with(stem))
    }

    fn allows(&self, held: &[Permission]) -> bool {
        self.needs.is_empty() || self.needs.iter().any(|all| all.iter().all(|needed| held.contains(needed)))
    }
}

/// The words in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn table() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("docs/operating.md")).unwrap();
    let rows = text.split_once("| methods | path | permission |").unwrap().1.split_once("\n\n").unwrap().0;
    let row = |line: &str| {
        let [_, methods, path, needs, _] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let permission = |name| Permission::parse(name).unwrap_or_else(|| panic!("{name} is not a permission"));
        let needs = if needs.trim() == "any token" {
            Vec::new()
        } else {
            needs.split(" or ").map(|all| quoted(all).map(permission).collect()).collect()
        };
        Row { methods: quoted(methods).map(str::to_owned).collect(), path: quoted(path).collect(), needs }
    };
    rows.lines().skip(2).map(row).collect()
}

/// Every method and path of the template, with what the document calls that method; for `ANY`, OPTIONS and one that no function takes.
fn routes() -> BTreeSet<(String, String, String)> {
    // Of a path that does not exist nobody needs to be told who may use it. Who may use the console is tested in tests/console.
    let all = functions().into_iter().filter(|function| function.binary != "console-console");
    let all = all.flat_map(|function| function.routes);
    let known = all.filter(|(_, path)| path != "/" && path != "/{proxy+}");
    let each = |(method, path): (String, String)| {
        let named = method.to_uppercase();
        let methods = if named == "ANY" {
            vec![("OTHER".to_owned(), "PUT".to_owned()), ("OTHER".to_owned(), "OPTIONS".to_owned())]
        } else {
            vec![(named.clone(), named)]
        };
        methods.into_iter().map(|(called, method)| (called, method, path.clone())).collect::<Vec<_>>()
    };
    known.flat_map(each).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_needs_the_permission_that_the_document_says() {
    let (table, world) = (table(), World::new().await);
    let ready = world.stack.ready();
    let ulid = "01JQNX4T2B0000000000000001";
    let filled = |path: &str| {
        let path = path.replace("/operations/webhooks/{webhook_id}", "/operations/webhooks/sdelements:1");
        let path = path.replace("{organizationId}", &ready.akinon_organization).replace("{projectId}", PROJECT);
        let path = path.replace("{tenantLocator}", &ready.socotra_tenant).replace("{webhookId}", PROJECT);
        let path =
            ["{webhookLocator}", "{eventLocator}", "{requestLocator}", "{delivery_id}", "{event_id}", "{target_id}"]
                .iter()
                .fold(path, |path, name| path.replace(name, ulid));
        ["{webhook_id}", "{id}", "{project_id}"].iter().fold(path, |path, name| path.replace(name, "1"))
    };
    let mut tokens = vec![(world.user("nobody", &[]).await, Vec::new())];
    for &permission in Permission::ALL {
        tokens.push((world.user("ann", &[permission]).await, vec![permission]));
    }
    let all: BTreeSet<_> = table
        .iter()
        .flat_map(|row| row.needs.iter().filter(|all| all.len() > 1))
        .map(|all| format!("{all:?}"))
        .collect();
    assert!(!all.is_empty(), "no route needs two permissions");
    let mut used = BTreeSet::new();
    for (called, method, path) in routes() {
        let Some((at, row)) = table.iter().enumerate().find(|(_, row)| row.says(&called, &path)) else {
            panic!("the document lacks {method} {path}")
        };
        used.insert(at);
        let body = json!({});
        let body = Some(&body).filter(|_| matches!(method.as_str(), "POST" | "PATCH"));
        let refused = world.raw(&method, &filled(&path), &[], "").await;
        assert_eq!(refused.status, 401, "{method} {path} without a token");
        let mut tried = tokens.clone();
        for all in row.needs.iter().filter(|all| all.len() > 1) {
            tried.push((world.user("bob", all).await, all.clone()));
        }
        for (token, held) in tried {
            let reply = world.ask(&token, &method, &filled(&path), body).await;
            let allowed = !matches!(reply.status, 401 | 403);
            assert_eq!(allowed, row.allows(&held), "{method} {path} with {held:?}: {} {}", reply.status, reply.text);
        }
    }
    let unused = table.iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, row)| row.path.as_str());
    assert_eq!(unused.collect::<Vec<_>>(), [""; 0], "the document has paths that the template lacks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_super_user_and_a_producer_publish_by_both_routes() {
    let world = World::new().await;
    for permission in [Permission::SuperUser, Permission::EventsWrite] {
        let token = world.user("ann", &[permission]).await;
        let activity = json!({"name": "CreatedProjectActivity", "data": {}});
        let made = world.ask(&token, "POST", "/api/v2/projects/11/activities/", Some(&activity)).await;
        assert_eq!(made.status, 201, "{permission:?}: {}", made.text);
        let made = world.ask(&token, "POST", "/events", Some(&json!({"type": "chat", "data": {}}))).await;
        assert_eq!(made.status, 201, "{permission:?}: {}", made.text);
    }
}
