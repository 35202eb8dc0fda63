//! The runbook: the commands of docs/operating.md are carried out on the local stack as they are written there.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use clap::Parser as _;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::support::{World, bash, blocks, commands, root, slack_url, until};

const PAGE: &str = "operating.md";

/// In bash, `cargo admin` runs in the process of this test, and `aws lambda invoke` asks the local stack. As on AWS, what it
/// found is no failure of `doctor`.
const PRELUDE: &str = r#"
cargo() {
    shift
    exec 3<>"/dev/tcp/127.0.0.1/$ADMIN_PORT"
    printf '%s\0' "$OUTHOOK_TOKEN" "$OUTHOOK_SLACK_URL" "$OUTHOOK_ORGANIZATION" "$#" "$@" >&3
    IFS= read -r code <&3
    cat <&3
    exec 3>&-
    [ "$code" -le 1 ]
}
aws() { curl -sf "$LAMBDA/2015-03-31/functions/$4/invocations" -d "$8"; echo; }
read() { if [ "$1" = -rp ]; then OUTHOOK_SLACK_URL=$A_SLACK_URL; else builtin read "$@"; fi; }
export OUTHOOK_STACK=outhook TICK_FUNCTION=outhook-local-tick SPREAD_FUNCTION=outhook-local-spread
"#;

/// A world in whose bash the commands of the page run.
struct Walk {
    world: World,
    port: u16,
}

impl Walk {
    fn new(world: World) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let ready = world.stack.ready();
        let (dynamodb, lambda, gateway) = (ready.dynamodb.clone(), ready.lambda.clone(), ready.gateway.clone());
        // A thread of its own, since a command is no future that may move to another.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                loop {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let words = words(&mut stream).await;
                    let reply = carry_out(&words, &dynamodb, &lambda, &gateway).await;
                    stream.write_all(reply.as_bytes()).await.unwrap();
                }
            });
        });
        Self { world, port }
    }

    /// Makes what the page calls `acme` the stack's organization, so that webhooks can be made by its API.
    fn as_acme(&self, text: &str) -> String {
        text.replace("acme", &self.world.stack.ready().organization)
    }

    /// What the blocks of a section show, one after the other in one bash.
    fn section(&self, section: &str, before: &str) -> String {
        let lines = self.as_acme(&commands(PAGE, section).concat());
        assert!(!lines.is_empty(), "{section} has no commands");
        self.bash(&format!("{before}\n{lines}"))
    }

    fn bash(&self, lines: &str) -> String {
        let (port, url) = (self.port.to_string(), slack_url("X"));
        let variables = [
            ("ADMIN_PORT", port.as_str()),
            ("LAMBDA", self.world.stack.ready().lambda.as_str()),
            ("A_SLACK_URL", &url),
        ];
        bash(&variables, &format!("{PRELUDE}{lines}"))
    }
}

/// The token, the Slack URL, the organization, and the arguments.
async fn words(stream: &mut TcpStream) -> Vec<String> {
    let (mut bytes, mut words) = (Vec::new(), Vec::new());
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        match byte[0] {
            0 => words.push(String::from_utf8(std::mem::take(&mut bytes)).unwrap()),
            byte => bytes.push(byte),
        }
        if words.len() > 3 && words.len() == 4 + words[3].parse::<usize>().unwrap() {
            words.remove(3);
            return words;
        }
    }
}

/// Carries out the command; the first line of the reply is what it ends with.
async fn carry_out(words: &[String], dynamodb: &str, lambda: &str, gateway: &str) -> String {
    let [token, slack_url, organization, words @ ..] = words else { panic!("{words:?}") };
    let mut all = vec!["admin", "--endpoint", dynamodb, "--lambda-endpoint", lambda];
    all.extend(["--drain-function", "outhook-local-drain"]);
    all.extend(words.iter().map(String::as_str));
    let of_one = ["webhooks", "deliveries", "show", "pause", "unpause", "unsuspend", "resend"];
    // What the environment would say.
    if of_one.contains(&words[0].as_str()) {
        all.extend(["--organization", organization]);
    }
    if words[0] == "smoke" {
        all.extend([gateway, "--token", token, "--slack-url", slack_url, "--allow-http"]);
    }
    let arguments = match admin::Arguments::try_parse_from(all) {
        Ok(arguments) => arguments,
        Err(error) => return format!("2\n{error}"),
    };
    let mut output = Vec::new();
    let done = admin::run(arguments, admin::Terminal::plain(&mut output)).await;
    let shown = String::from_utf8(output).unwrap();
    match done {
        Ok(admin::Found::Nothing) => format!("0\n{shown}"),
        Ok(admin::Found::Something) => format!("1\n{shown}"),
        Err(error) => format!("2\n{shown}{error}\n"),
    }
}

/// The sections that are walked through below.
const WALKED: [&str; 12] = [
    "The first deployment",
    "The command line",
    "What needs attention",
    "Quarantined records",
    "Tokens",
    "Limits",
    "Slack-compatible receivers",
    "Replacing a signing secret",
    "Replaying",
    "When retries or wide events stand still",
    "Upgrading",
    "What it costs",
];

#[test]
fn every_section_with_commands_is_walked_through() {
    let page = std::fs::read_to_string(root().join("docs").join(PAGE)).unwrap();
    let sections = page.lines().filter_map(|line| line.strip_prefix("## "));
    let with: Vec<&str> = sections.filter(|section| !commands(PAGE, section).is_empty()).collect();
    assert_eq!(with, WALKED);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_deployment_is_tried_and_its_organization_managed() {
    let walk = Walk::new(World::new().await);
    let steps = commands(PAGE, "The first deployment").concat();
    // An organization of that name is made here, not the stack's own.
    let shown = walk.bash(&steps);
    assert!(shown.contains("acme name=\"Acme Inc.\"") && shown.contains("The deployment works."), "{shown}");
    assert!(shown.contains("nothing needs attention"), "{shown}");
    let shown = walk.bash(&commands(PAGE, "Tokens").concat());
    assert!(shown.contains("user=ann"), "{shown}");
    walk.bash(&commands(PAGE, "Limits").concat());
    let shown = walk.bash(&commands(PAGE, "Slack-compatible receivers").concat());
    assert!(shown.contains("slack_compatible_hosts=chat.example.com,discord.com"), "{shown}");
    let (_, organizations) = super::admin(&walk.world, &["list-organizations"]).await;
    let acme = organizations.lines().find(|line| line.starts_with("acme name")).unwrap();
    assert!(acme.contains("socotra_webhook_limit=500") && !acme.contains("slack_compatible_hosts"), "{acme}");
    let shown = walk.bash(&commands(PAGE, "The command line").concat());
    assert_eq!(shown, "");
    let upgrade = "export OUTHOOK_TOKEN=$(cargo admin issue-token acme --user x --permission super_user | head -n 1)\n\
                   OUTHOOK_SLACK_URL=${A_SLACK_URL}2\n";
    let shown = walk.section("Upgrading", &walk.as_acme(upgrade));
    assert!(shown.contains("nothing needs attention") && shown.contains("The deployment works."), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_in_trouble_is_found_and_resumed() {
    let walk = Walk::new(World::new().await);
    let world = &walk.world;
    let webhook = world.subscribed("X").await;
    world.behave("X", &json!({"status": 400, "body": "invalid_blocks", "times": 1})).await;
    world.publish("diverted").await;
    let diverted = format!("/api/v2/webhooks/{webhook}/deliveries?state=diverted");
    world.eventually(&diverted, |page| page["results"].as_array().is_some_and(|all| all.len() == 1)).await;
    world.behave("X", &json!({"status": 404, "body": "no_service"})).await;
    world.publish("kept").await;
    let status = format!("/operations/webhooks/sdelements:{webhook}");
    world.eventually(&status, |status| status["state"] == "suspended").await;

    let steps = commands(PAGE, "What needs attention");
    let [look, why, resume] = &steps[..] else { panic!("{steps:#?}") };
    let shown = walk.bash(&walk.as_acme(look));
    let organization = &world.stack.ready().organization;
    assert!(shown.contains(&format!("fix: cargo admin unsuspend sdelements:{webhook} --organization {organization}")));
    assert!(shown.contains("suspended") && shown.contains(&format!("sdelements:{webhook}")), "{shown}");
    let shown = walk.bash(&walk.as_acme(why));
    assert!(
        shown.contains("pending") && shown.contains("no_service") && shown.contains("POST https://hooks"),
        "{shown}"
    );
    world.behave("X", &json!({"status": 200, "body": "ok"})).await;
    // The variables are those that the commands before have set.
    let variables: Vec<&str> =
        why.lines().filter(|line| line.starts_with("export") || line.starts_with("HOOK")).collect();
    let shown = walk.bash(&walk.as_acme(&format!("{}\n{resume}", variables.join("\n"))));
    assert!(shown.contains(" that match: 1.") && shown.contains("that will be sent again: 1."), "{shown}");
    world.accepted("X", 2).await;
    world.eventually(&status, |status| status["state"] == "delivering" && status["queued"] == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantined_record_is_put_in_order_and_queued() {
    let walk = Walk::new(World::new().await);
    let world = &walk.world;
    world.subscribed("X").await;
    let id = world.publish("good").await;
    world.accepted("X", 1).await;
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let put = async |item: HashMap<String, AttributeValue>| {
        world.stack.database().put_item().table_name("EventsTable").set_item(Some(item)).send().await.unwrap();
    };
    let mut item = world.scan("EventsTable").await.remove(0);
    let other = format!("{}{}", &id[..25], if id.ends_with('0') { '1' } else { '0' });
    item.insert("sk".to_owned(), text(&other));
    let shards = 4;
    let organization = shared::domain::OrganizationId::parse(&world.stack.ready().organization).unwrap();
    let partition = shared::store::event_partition(&organization, other.parse().unwrap(), shards);
    item.insert("pk".to_owned(), text(&partition));
    let mut wrong = item.clone();
    wrong.remove("type");
    put(wrong).await;
    until("the record to be quarantined", async || {
        super::admin(world, &["quarantine", "list"]).await.1.contains(&other)
    })
    .await;
    put(item).await;
    let shown = walk.section("Quarantined records", "");
    assert!(shown.contains(&other) && shown.contains("its event is queued"), "{shown}");
    world.accepted("X", 2).await;
    assert_eq!(super::admin(world, &["quarantine", "list"]).await.1, "Nothing is quarantined.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_replaced_and_a_span_replayed() {
    let walk = Walk::new(World::with(|options| options.triggers = false).await);
    let world = &walk.world;
    let body = json!({"url": "https://flip.example/x", "subscription": {"event_types": ["chat"]}});
    let made = world.ask(&world.token, "POST", "/api/webhooks/v4/webhooks", Some(&body)).await.json();
    let id = made["id"].as_str().unwrap();
    let rotate = commands(PAGE, "Replacing a signing secret").concat();
    let rotate = walk.as_acme(&rotate.replace("0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d", id));
    let shown = walk.bash(&rotate);
    assert!(shown.starts_with("whsec_") && shown.ends_with("signed with the new secret alone.\n"), "{shown}");
    world.event("chat", None, &json!({})).await;
    let shown = walk.section("Replaying", "");
    assert!(shown.contains("1 events up to "), "{shown}");
    world.received("flip.example/x", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tick_and_spread_are_run_by_hand() {
    let walk = Walk::new(World::new().await);
    let shown = walk.section("When retries or wide events stand still", "");
    assert_eq!(shown, "null\nnull\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_costs_are_those_that_the_command_computes() {
    let walk = Walk::new(World::new().await);
    let blocks = blocks(PAGE, "What it costs");
    let [(_, command), (kind, shown)] = &blocks[..] else { panic!("{blocks:?}") };
    assert_eq!(kind, "text");
    let sum = walk.bash(command);
    assert_eq!(*shown, sum, "write this into the page");
    let page = std::fs::read_to_string(root().join("docs").join(PAGE)).unwrap();
    let (_, table) = page.split_once("| load | arguments | US$ |\n|---|---|---|\n").unwrap();
    let mut rows = 0;
    for row in table.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, arguments, dollars] = cells[..] else { panic!("{row}") };
        let json = walk.bash(&format!("{} {} --json", command.trim(), arguments.trim_matches('`')));
        let json: Value = serde_json::from_str(&json).unwrap();
        let computed = json["per_million_deliveries"].as_f64().unwrap();
        assert_eq!(dollars, format!("{computed:.2}"), "{row}");
        rows += 1;
    }
    assert_eq!(rows, 10);
}
