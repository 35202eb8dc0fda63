//! What each function may do by the policies of `template.yaml`, and whether a call is allowed by them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_yaml_ng as yaml;

/// By function: pairs of an action and the resource that it is allowed on, such as `Query EventsTable/index/project`.
pub(crate) type Grants = BTreeMap<String, BTreeSet<String>>;

/// Reads the permissions that the template gives to each of its functions, by logical id.
pub(crate) fn granted(template: &str) -> Grants {
    let template: yaml::Value = yaml::from_str(template).unwrap();
    let resources = &template["Resources"];
    let functions = resources.as_mapping().unwrap().iter();
    let functions = functions.filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    functions
        .map(|(id, function)| {
            // A function's own policies, or those of the role that it names.
            let holder = match &function["Properties"]["Role"] {
                yaml::Value::Tagged(role) => &resources[role.value.as_str().unwrap().trim_end_matches(".Arn")],
                _ => function,
            };
            let policies = holder["Properties"]["Policies"].as_sequence().unwrap().iter();
            let statements = policies.flat_map(|policy| {
                let document = policy.get("PolicyDocument").unwrap_or(policy);
                document["Statement"].as_sequence().unwrap()
            });
            let pairs = statements.flat_map(|statement| pairs(resources, statement));
            (id.as_str().unwrap().to_owned(), pairs.collect())
        })
        .collect()
}

fn pairs(resources: &yaml::Value, statement: &yaml::Value) -> Vec<String> {
    assert_eq!(statement["Effect"], "Allow");
    let resource = resource(resources, &statement["Resource"]);
    let actions = statement["Action"].as_sequence().unwrap().iter().map(|action| action.as_str().unwrap());
    let pairs: Vec<_> = actions.map(|action| format!("{} {resource}", action.split_once(':').unwrap().1)).collect();
    assert!(pairs.iter().all(|pair| !pair.contains('*')), "a wildcard: {pairs:?}");
    pairs
}

/// A short name for a resource: the logical id of a table, its index as in an ARN, or the name of a function on the local stack.
fn resource(resources: &yaml::Value, value: &yaml::Value) -> String {
    let yaml::Value::Tagged(tagged) = value else { panic!("a resource is not of this stack: {value:?}") };
    if tagged.tag == "If" {
        // Parameters have their defaults, under which no condition about permissions holds.
        return resource(resources, &tagged.value[2]);
    }
    let text = tagged.value.as_str().or_else(|| tagged.value[0].as_str()).unwrap();
    if let Some((_, name)) = text.split_once(":function:") {
        return named(name);
    }
    let id = text.replace("${", "").replace(".Arn}", "").trim_end_matches(".Arn").to_owned();
    match &resources[id.as_str()]["Properties"]["FunctionName"] {
        yaml::Value::Tagged(name) => named(name.value[0].as_str().unwrap()),
        _ => id,
    }
}

/// A function's name on the local stack.
fn named(name: &str) -> String {
    name.replace("${Id}", "local").replace("${Live}", "")
}

/// What a call of DynamoDB's API needs: a transaction is checked as the writes that it consists of.
pub(crate) fn needed(operation: &str, body: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match operation {
        "TransactWriteItems" => {
            let items = body["TransactItems"].as_array().unwrap().iter().flat_map(|item| item.as_object().unwrap());
            items.map(|(kind, write)| format!("{kind}Item {}", text(&write["TableName"]))).collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().unwrap().keys();
            tables.map(|table| format!("{operation} {table}")).collect()
        }
        _ => {
            let index = body["IndexName"].as_str().map_or_else(String::new, |index| format!("/index/{index}"));
            vec![format!("{operation} {}{index}", text(&body["TableName"]))]
        }
    }
}
