//! The template, the binaries, the table of routes, the documents and the samples hold together.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml_ng::Value;
use shared::domain::Api;

use crate::support::{World, root};

#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) id: String,
    pub(crate) binary: String,
    pub(crate) routes: Vec<(String, String)>,
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn functions() -> Vec<Function> {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let functions = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    functions
        .map(|(id, function)| {
            // Without events, others invoke it.
            let events = function["Properties"]["Events"].as_mapping().into_iter().flatten();
            let api = events.map(|(_, event)| event).filter(|event| event["Type"] == "Api");
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let routes = api.map(|event| (text(&event["Properties"]["Method"]), text(&event["Properties"]["Path"])));
            Function {
                id: text(id),
                binary: text(&function["Metadata"]["BuildProperties"]["Binary"]),
                routes: routes.collect(),
            }
        })
        .collect()
}

#[test]
fn every_binary_is_deployed_and_lies_where_its_name_says() {
    let manifest = read("functions/Cargo.toml");
    let mut built = BTreeSet::new();
    for bin in manifest.split("[[bin]]").skip(1) {
        let value = |key: &str| {
            bin.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim_matches([' ', '=', '"']).to_owned()
        };
        let (name, path) = (value("name"), value("path"));
        assert_eq!(path.trim_end_matches(".rs").replace(['/', '_'], "-"), name);
        assert!(root().join("functions").join(&path).is_file(), "functions/{path}");
        built.insert(name);
    }
    let deployed: BTreeSet<_> = functions().into_iter().map(|function| function.binary).collect();
    assert_eq!(built, deployed, "{WRITE}");
}

/// What to do where a file is not as the template has it.
const WRITE: &str = "run `cargo local routes`, which writes what derives from template.yaml";

#[test]
fn what_derives_from_the_template_is_as_the_command_writes_it() {
    for (path, text) in local::derived::files(&root()).unwrap() {
        let differs = text.lines().zip(read(path).lines().map(str::to_owned)).find(|(new, old)| new != old);
        assert!(text == read(path), "{path} differs ({differs:?}): {WRITE}");
    }
}

/// What a tagged value says: `!Ref X` is `X`.
fn reference(value: &Value) -> &str {
    let Value::Tagged(tagged) = value else { panic!("{value:?} is no reference") };
    tagged.value.as_str().unwrap()
}

#[test]
fn throttling_and_the_key_of_all_that_is_kept_are_parameters() {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    let api = &template["Resources"]["Api"]["Properties"];
    let settings = &api["MethodSettings"];
    assert_eq!((settings.as_sequence().unwrap().len(), settings[0]["ResourcePath"].as_str()), (1, Some("/*")));
    assert_eq!(reference(&settings[0]["ThrottlingRateLimit"]), "ThrottlingRate");
    assert_eq!(reference(&settings[0]["ThrottlingBurstLimit"]), "ThrottlingBurst");
    let under_the_key = |value: &Value| {
        let text = serde_yaml_ng::to_string(value).unwrap();
        assert!(
            ["HasKmsKey", "MakesKmsKey", "Key.Arn", "!Ref KmsKey"].iter().all(|part| text.contains(part)),
            "{text}"
        );
    };
    for (id, resource) in template["Resources"].as_mapping().unwrap() {
        match resource["Type"].as_str().unwrap() {
            "AWS::DynamoDB::Table" => under_the_key(&resource["Properties"]["SSESpecification"]),
            "AWS::Logs::LogGroup" => under_the_key(&resource["Properties"]["KmsKeyId"]),
            // It holds positions in the stream and no event.
            "AWS::SQS::Queue" => assert_eq!(resource["Properties"]["SqsManagedSseEnabled"], true, "{id:?}"),
            _ => {}
        }
    }
    let logging = &template["Globals"]["Function"]["LoggingConfig"];
    assert_eq!(reference(&logging["LogGroup"]), "LogGroup", "every function's lines");
}

#[test]
fn traces_are_sent_only_if_asked_for() {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    assert_eq!(template["Parameters"]["Tracing"]["Default"], "Disabled");
    assert_eq!(reference(&template["Globals"]["Function"]["Tracing"]), "Tracing");
    let traced = serde_yaml_ng::to_string(&template["Resources"]["Api"]["Properties"]["TracingEnabled"]).unwrap();
    assert_eq!(traced.split_whitespace().collect::<Vec<_>>().join(" "), "!If - WithTracing - true - false");
}

#[test]
fn every_parameter_is_documented_with_its_cost() {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    let document = read("docs/deploying.md");
    let rows = document.split("| parameter | default |").nth(1).unwrap().split("\n\n").next().unwrap().lines().skip(2);
    let mut said = BTreeSet::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        assert!(cells.len() == 4 && cells.iter().all(|cell| !cell.trim().is_empty()), "{row}");
        said.extend(cells[0].split('`').skip(1).step_by(2).map(str::to_owned));
    }
    let parameters = template["Parameters"].as_mapping().unwrap().keys();
    assert_eq!(said, parameters.map(|name| name.as_str().unwrap().to_owned()).collect());
}

#[test]
fn a_key_that_is_given_needs_what_a_new_one_has() {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    let made = &template["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"];
    let document = read("docs/deploying.md");
    let json = document.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let told: Value = serde_yaml_ng::from_str(json).unwrap();
    // What depends on the account and the region is written out for people.
    let plain = |value: &Value| {
        let text =
            serde_yaml_ng::to_string(value).unwrap().replace("!Sub ", "").replace("!Ref AWS::AccountId", "ACCOUNT");
        let text = text.replace("${AWS::AccountId}", "ACCOUNT").replace("${AWS::Region}", "REGION");
        let text = text.replace("${AWS::URLSuffix}", "amazonaws.com").replace("${AWS::Partition}", "aws");
        text.replace(['\'', '"'], "")
    };
    // The first statement leaves the rest to the account.
    assert_eq!(
        made.as_sequence().unwrap().iter().skip(1).map(plain).collect::<Vec<_>>(),
        told.as_sequence().unwrap().iter().map(plain).collect::<Vec<_>>()
    );
}

#[test]
fn every_alarm_tells_when_it_begins_and_ends_where_to_read_and_which_query_to_run() {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let of = |kind: &'static str| resources.iter().filter(move |(_, resource)| resource["Type"] == kind);
    let queries: BTreeSet<_> =
        of("AWS::Logs::QueryDefinition").map(|(_, query)| reference(&query["Properties"]["Name"])).collect();
    let operating = read("docs/operating.md");
    let mut used = BTreeSet::new();
    for (id, alarm) in of("AWS::CloudWatch::Alarm") {
        let (id, told) = (id.as_str().unwrap(), &alarm["Properties"]);
        let (_, rest) = reference(&told["AlarmDescription"]).split_once(". Runbook: ${RunbookUrl}#").unwrap();
        let (section, query) = rest.split_once(". Query: ").unwrap();
        assert_eq!(section, id.to_lowercase());
        assert!(operating.contains(&format!("\n### {id}\n")), "docs/operating.md has no section {id}");
        let name = query.strip_prefix("${AWS::StackName}/").unwrap();
        let row = operating.lines().find(|line| line.starts_with(&format!("| `{id}` |"))).unwrap();
        assert!(row.ends_with(&format!("| `{name}` |")), "{row} names another query than {name}");
        assert!(queries.contains(query), "{id} names {query}");
        used.insert(query);
        let topic = "!If\n- HasAlarmTopic\n- - !Ref AlarmTopicArn\n- !Ref AWS::NoValue\n";
        for actions in ["AlarmActions", "OKActions"] {
            assert_eq!(serde_yaml_ng::to_string(&told[actions]).unwrap(), topic, "{id}");
        }
    }
    assert_eq!(used, queries, "no query is without an alarm");
}

#[test]
fn every_metric_that_an_alarm_reads_is_written() {
    let template = read("template.yaml");
    let told: BTreeSet<_> = template
        .lines()
        .zip(template.lines().skip(1))
        .filter(|(namespace, _)| namespace.trim() == "Namespace: !Sub 'Outhook/${AWS::StackName}'")
        .map(|(_, name)| name.trim().strip_prefix("MetricName: ").unwrap().to_owned())
        .chain(
            template
                .split("Namespace: !Sub 'Outhook/${AWS::StackName}', MetricName: ")
                .skip(1)
                .map(|rest| rest.split([',', '}']).next().unwrap().to_owned()),
        )
        .collect();
    assert!(told.len() >= 8, "{told:?}");
    let sources = ["tick.rs", "fan_out.rs", "drain/tally.rs"].map(|file| read(&format!("shared/src/delivery/{file}")));
    for name in told {
        assert!(sources.iter().any(|source| source.contains(&format!("(\"{name}\""))), "nobody writes {name}");
    }
}

#[test]
fn every_field_that_a_saved_query_reads_is_logged() {
    let template = read("template.yaml");
    let queries = template.split("      QueryString: |\n").skip(1).map(|rest| rest.split("\n\n").next().unwrap());
    let names: BTreeSet<_> = queries
        .flat_map(|query| query.split("fields.").skip(1))
        .map(|rest| rest.split(|c: char| !(c.is_ascii_lowercase() || c == '.' || c == '_')).next().unwrap())
        .collect();
    assert!(names.contains("reason") && names.contains("http.status"), "{names:?}");
    let delivery = root().join("shared/src/delivery");
    let files =
        ["drain/judge.rs", "drain/outcome.rs", "drain/run.rs", "fan_out.rs", "spread.rs", "tick.rs", "waker.rs"];
    let sources: String = files.iter().map(|file| std::fs::read_to_string(delivery.join(file)).unwrap()).collect();
    for name in names.into_iter().filter(|name| *name != "message") {
        let logged = [format!("{name} = "), format!("!({name}, "), format!(" {name},\n")];
        assert!(logged.iter().any(|form| sources.contains(form)), "no line has the field {name}");
    }
}

#[test]
fn operational_events_go_to_a_bus_only_if_one_is_named() {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    assert_eq!(template["Parameters"]["EventBusName"]["Default"], "");
    let resources = template["Resources"].as_mapping().unwrap().iter();
    let conditional = resources.filter(|(_, resource)| resource["Condition"] == "HasEventBus");
    let there: Vec<_> =
        conditional.map(|(id, resource)| (id.as_str().unwrap(), resource["Type"].as_str().unwrap())).collect();
    assert_eq!(there, [("OperationalEvents", "AWS::Pipes::Pipe"), ("OperationalEventsRole", "AWS::IAM::Role")]);
    let pipe = &template["Resources"]["OperationalEvents"]["Properties"];
    let pattern = &pipe["SourceParameters"]["FilterCriteria"]["Filters"][0]["Pattern"];
    let pattern: serde_json::Value = serde_json::from_str(pattern.as_str().unwrap()).unwrap();
    let wanted = serde_json::json!({"eventName": ["INSERT"],
        "dynamodb": {"NewImage": {"type": {"S": [{"prefix": "outhook."}]}}}});
    assert_eq!(pattern, wanted);
    assert_eq!(reference(&pipe["Source"]), "EventsTable.StreamArn");
}

#[test]
fn each_apis_functions_are_deployed_by_its_parameter() {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    for function in functions() {
        let condition = template["Resources"][function.id.as_str()]["Condition"].as_str();
        let folder = function.binary.split('-').next().unwrap();
        let wanted = if folder == "console" { Some("WithConsole") } else { Api::parse(folder).map(condition_of) };
        assert_eq!(condition, wanted, "{}", function.id);
    }
}

/// The condition under which the functions of an API are deployed.
fn condition_of(api: Api) -> &'static str {
    match api {
        Api::SdElements => "WithSdElementsApi",
        Api::Flip => "WithFlipApi",
        Api::Akinon => "WithAkinonApi",
        Api::Socotra => "WithSocotraApi",
        Api::Operations => "WithOperationsApi",
    }
}

#[test]
fn the_fallback_and_the_console_are_told_of_each_api_that_is_deployed() {
    let template = read("template.yaml");
    let list = |function: &str| {
        let function = template.split(&format!("\n  {function}:\n")).nth(1).unwrap();
        function.split("DEPLOYED_APIS: !Join").nth(1).unwrap().split("Policies:").next().unwrap().to_owned()
    };
    let (fallback, console) = (list("Fallback"), list("Console"));
    for &api in Api::ALL {
        let entry = format!("!If [{}, {api}, '']", condition_of(api));
        assert!(fallback.contains(&entry), "DEPLOYED_APIS lacks {entry}");
        // The console makes webhooks of every API whose clients make them.
        assert_eq!(console.contains(&entry), api != Api::Operations, "DEPLOYED_APIS of the console: {entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_deployed_is_not_there() {
    let parameter = |api: &str, value: &str| format!("  {api}Api:\n    Type: String\n    Default: '{value}'\n");
    let template = read("template.yaml");
    let (on, off) = (parameter("Flip", "true"), parameter("Flip", "false"));
    assert!(template.contains(&on));
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("without-flip.yaml");
    std::fs::write(&path, template.replace(&on, &off)).unwrap();
    let world = World::with(|options| options.template = path).await;
    let problem = r#"404 {"status":404,"title":"Not Found"}"#;
    let one = "/api/webhooks/v4/webhooks/0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d";
    for (method, path) in [
        ("GET", "/api/webhooks/v4/webhooks"),
        ("POST", "/api/webhooks/v4/webhooks"),
        ("OPTIONS", "/api/webhooks/v4/webhooks"),
        ("GET", one),
        ("DELETE", one),
        ("POST", &format!("{one}/pause")),
    ] {
        assert_eq!(world.ask(&world.token, method, path, None).await.shown(), problem, "{method} {path}");
    }
    // The others are as they were.
    assert_eq!(world.ask(&world.token, "GET", "/api/v2/webhooks", None).await.status, 200);
    assert_eq!(world.ask(&world.token, "PUT", "/api/v2/webhooks", None).await.status, 405);
    let list =
        format!("/organizations/{}/projects/{:024}/settings/webhooks", world.stack.ready().akinon_organization, 0);
    assert_eq!(world.ask(&world.token, "GET", &list, None).await.text, "[]");
    assert_eq!(world.ask(&world.token, "PUT", &list, None).await.status, 405);
}

#[test]
fn the_table_of_routes_is_the_templates() {
    let mut routes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut caught = BTreeSet::new();
    for function in functions() {
        for (method, path) in function.routes {
            assert!(path == "/" || !path.ends_with('/'), "{path} ends in a slash");
            if function.binary == "fallback" {
                assert_eq!(method, "ANY");
                caught.insert(path);
            } else if method == "ANY" {
                // The console has a table of its own.
                assert_eq!(function.binary, "console-console");
            } else {
                assert!(routes.entry(path).or_default().insert(method), "{}", function.id);
            }
        }
    }
    let table: BTreeMap<_, BTreeSet<_>> = shared::http::ROUTES
        .iter()
        .map(|route| (route.path.to_owned(), route.methods.iter().map(|&method| method.to_owned()).collect()))
        .collect();
    assert_eq!(routes, table);
    let others = ["/".to_owned(), "/{proxy+}".to_owned()];
    assert_eq!(caught, routes.keys().cloned().chain(others).collect(), "{WRITE}");
}

#[test]
fn the_table_lists_every_route_and_the_watch_table_is_the_templates_in_both_forms() {
    let (table, router) = (read("docs/routes.md"), read("CargoLambda.toml"));
    let mut entries = 0;
    for function in functions().iter().filter(|function| function.binary != "fallback") {
        for (method, path) in &function.routes {
            let row = format!("| `{method} {path}` |");
            assert!(method == "HEAD" || table.contains(&row), "docs/routes.md lacks {row}: {WRITE}");
            if method == "ANY" {
                let line = format!("\"{}\" = \"{}\"\n", path.replace("{proxy+}", "{*proxy}"), function.binary);
                assert!(router.contains(&line), "CargoLambda.toml lacks {line}: {WRITE}");
                continue;
            }
            for form in [path.clone(), format!("{path}/")] {
                let line = router.lines().find(|line| line.starts_with(&format!("\"{form}\" = [")));
                let entry = format!("{{ method = \"{method}\", function = \"{}\" }}", function.binary);
                entries += 1;
                assert!(
                    line.is_some_and(|line| line.contains(&entry)),
                    "CargoLambda.toml lacks {form} {entry}: {WRITE}"
                );
            }
        }
    }
    assert_eq!(router.matches("{ method = ").count(), entries, "CargoLambda.toml has what the template lacks: {WRITE}");
}

#[test]
fn no_profile_ends_an_environment_at_a_panic() {
    let manifest = read("Cargo.toml");
    let table = |header: &str| {
        let (_, rest) = manifest.split_once(&format!("\n[{header}]\n")).unwrap();
        rest.split("\n[").next().unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // What a profile leaves open, cargo-lambda sets to `abort`.
    assert!(table("profile.release").contains(&"panic = \"unwind\"".to_owned()));
    let small = table("profile.release-small");
    assert!(small.contains(&"inherits = \"release\"".to_owned()));
    assert!(!small.iter().any(|line| line.starts_with("panic")));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_takes_its_sample_event() {
    let world = World::new().await;
    let organization = &world.stack.ready().organization;
    let samples = functions().into_iter().flat_map(|function| {
        let another = format!("events/{}-batch.json", function.binary);
        let another = root().join(&another).exists().then_some(another);
        let files = [format!("events/{}.json", function.binary)].into_iter().chain(another);
        files.map(move |file| (function.clone(), file)).collect::<Vec<_>>()
    });
    for (function, file) in samples {
        let sample = read(&file);
        let sample = sample.replace("AKINON_ORGANIZATION", &world.stack.ready().akinon_organization);
        let sample = sample.replace("SOCOTRA_TENANT", &world.stack.ready().socotra_tenant);
        let sample = sample.replace("ORGANIZATION", organization).replace("TOKEN", &world.token);
        let sample: serde_json::Value = serde_json::from_str(&sample).unwrap();
        let answer =
            world.stack.invoke(&function.id, &sample).await.unwrap_or_else(|error| panic!("{}: {error}", function.id));
        match answer.get("statusCode").and_then(serde_json::Value::as_u64) {
            // Nothing was created for them to find; that they are found out to be missing shows that the sample was understood.
            Some(status) => {
                let wanted: &[u64] = match function.binary.as_str() {
                    "sdelements-create-webhook"
                    | "sdelements-publish-activity"
                    | "events-publish-event"
                    | "flip-register-webhook"
                    | "akinon-create-webhook" => &[201],
                    "sdelements-list-webhooks"
                    | "sdelements-list-activities"
                    | "flip-list-webhooks"
                    | "akinon-list-webhooks"
                    | "socotra-create-webhook"
                    | "socotra-list-webhooks"
                    | "socotra-list-events" => &[200],
                    // The sample's path belongs to another API.
                    "fallback" if function.id == "OperationsFallback" => &[404],
                    "fallback" => &[405],
                    // Nobody has entered.
                    "console-console" => &[303],
                    _ => &[200, 201, 204, 404],
                };
                assert!(wanted.contains(&status), "{}: {answer}", function.id);
            }
            None if function.binary == "delivery-fan-out" => {
                assert_eq!(answer, serde_json::json!({"batchItemFailures": []}), "{}", function.id);
            }
            None => assert_eq!(answer, serde_json::Value::Null, "{}", function.id),
        }
    }
}
