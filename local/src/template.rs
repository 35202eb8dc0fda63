//! Reading `template.yaml`: the intrinsic functions that it uses, its parameters' defaults, and what follows from them.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value, json};
use serde_yaml_ng as yaml;

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// The file is no YAML.
    #[error("{0} is no YAML: {1}")]
    NotYaml(String, yaml::Error),
    /// Something in it is missing or wrong.
    #[error("{0}: {1}")]
    Wrong(String, String),
}

/// A function of the template.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Its logical id.
    pub(crate) id: String,
    /// The name under which it is invoked.
    pub(crate) name: String,
    /// Its binary.
    pub(crate) binary: String,
    /// Its environment variables.
    pub(crate) environment: BTreeMap<String, String>,
    /// How long an invocation may take, in seconds.
    pub(crate) timeout_s: u64,
    /// Its memory, in MB.
    pub(crate) memory_mb: u64,
    /// How often a failed asynchronous invocation is tried again.
    pub(crate) retries: u32,
    /// What triggers it: the events' types and properties.
    pub(crate) events: Vec<(String, Value)>,
}

/// A template with everything resolved.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    /// Tables by logical id, with their properties.
    pub(crate) tables: BTreeMap<String, Value>,
    /// Its functions.
    pub(crate) functions: Vec<Function>,
}

impl Template {
    /// Reads a template file.
    pub(crate) fn read(path: &Path) -> Result<Self, TemplateError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| TemplateError::Unreadable(shown.clone(), error))?;
        Self::parse(&text, &shown)
    }

    /// Reads a template's text; `shown` is its name in errors.
    pub(crate) fn parse(text: &str, shown: &str) -> Result<Self, TemplateError> {
        let document: yaml::Value =
            yaml::from_str(text).map_err(|error| TemplateError::NotYaml(shown.to_owned(), error))?;
        let document = plain(document);
        let wrong = |at: &str, why: &str| TemplateError::Wrong(format!("{shown}: {at}"), why.to_owned());
        let resolver = Resolver::new(&document);
        let resources = document["Resources"].as_object().ok_or_else(|| wrong("Resources", "there are none"))?;
        let globals = resolver.resolve(&document["Globals"]["Function"]).unwrap_or_default();
        let mut template = Self { tables: BTreeMap::new(), functions: Vec::new() };
        for (id, resource) in resources {
            let properties = resolver.resolve(&resource["Properties"]).unwrap_or_default();
            match resource["Type"].as_str() {
                Some("AWS::DynamoDB::Table") => {
                    template.tables.insert(id.clone(), properties);
                }
                Some("AWS::Serverless::Function") => {
                    let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str();
                    let binary = binary.ok_or_else(|| wrong(id, "Metadata.BuildProperties.Binary is missing"))?;
                    template.functions.push(function(id, binary, &globals, &properties));
                }
                Some(_) => {}
                None => return Err(wrong(id, "Type is missing")),
            }
        }
        Ok(template)
    }
}

fn function(id: &str, binary: &str, globals: &Value, properties: &Value) -> Function {
    let mut environment = BTreeMap::new();
    for source in [globals, properties] {
        for (name, value) in source["Environment"]["Variables"].as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            environment.insert(name.clone(), text);
        }
    }
    let number = |name: &str, default: u64| properties[name].as_u64().or(globals[name].as_u64()).unwrap_or(default);
    let events = properties["Events"].as_object().into_iter().flatten();
    let events =
        events.map(|(_, event)| (event["Type"].as_str().unwrap_or_default().to_owned(), event["Properties"].clone()));
    let retries = properties["EventInvokeConfig"]["MaximumRetryAttempts"].as_u64().unwrap_or(2);
    Function {
        id: id.to_owned(),
        name: properties["FunctionName"].as_str().unwrap_or(id).to_owned(),
        binary: binary.to_owned(),
        environment,
        timeout_s: number("Timeout", 3),
        memory_mb: number("MemorySize", 128),
        retries: u32::try_from(retries).unwrap_or(2),
        events: events.collect(),
    }
}

/// YAML with CloudFormation's short tags as the JSON that they stand for.
fn plain(value: yaml::Value) -> Value {
    match value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(value) => Value::Bool(value),
        yaml::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => json!(whole),
            (None, float) => json!(float),
        },
        yaml::Value::String(text) => Value::String(text),
        yaml::Value::Sequence(items) => Value::Array(items.into_iter().map(plain).collect()),
        yaml::Value::Mapping(pairs) => {
            let key = |key: yaml::Value| match plain(key) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Value::Object(pairs.into_iter().map(|(name, value)| (key(name), plain(value))).collect())
        }
        yaml::Value::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let tag = tag.trim_start_matches('!');
            let name = if tag == "Ref" { tag.to_owned() } else { format!("Fn::{tag}") };
            json!({name: plain(tagged.value)})
        }
    }
}

/// Resolves intrinsic functions with the parameters' defaults and names of our own.
struct Resolver<'a> {
    document: &'a Value,
}

impl<'a> Resolver<'a> {
    fn new(document: &'a Value) -> Self {
        Self { document }
    }

    /// The value behind `value`; `None` for `AWS::NoValue`.
    fn resolve(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Object(pairs) => {
                if let Some((name, argument)) = pairs.iter().next().filter(|_| pairs.len() == 1) {
                    match name.as_str() {
                        "Ref" => return self.reference(argument.as_str().unwrap_or_default()),
                        "Fn::GetAtt" => return Some(Value::String(attribute(argument))),
                        "Fn::Sub" => {
                            return Some(Value::String(self.substitute(argument.as_str().unwrap_or_default())));
                        }
                        "Fn::If" => {
                            let branch = if self.condition(argument[0].as_str().unwrap_or_default()) { 1 } else { 2 };
                            return self.resolve(&argument[branch]);
                        }
                        _ => {}
                    }
                }
                let resolved = pairs.iter().filter_map(|(name, value)| Some((name.clone(), self.resolve(value)?)));
                Some(Value::Object(resolved.collect::<Map<_, _>>()))
            }
            Value::Array(items) => Some(Value::Array(items.iter().filter_map(|item| self.resolve(item)).collect())),
            other => Some(other.clone()),
        }
    }

    fn reference(&self, name: &str) -> Option<Value> {
        let pseudo = match name {
            "AWS::NoValue" => return None,
            "AWS::Region" => "us-east-1",
            "AWS::AccountId" => "000000000000",
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::StackName" => "outhook",
            _ => "",
        };
        if !pseudo.is_empty() {
            return Some(json!(pseudo));
        }
        if let Some(parameter) = self.document["Parameters"].get(name) {
            return Some(parameter["Default"].clone());
        }
        let named = &self.document["Resources"][name]["Properties"]["FunctionName"];
        if named.is_null() { Some(json!(name)) } else { self.resolve(named) }
    }

    fn substitute(&self, text: &str) -> String {
        let (mut result, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            result.push_str(before);
            match self.reference(name).unwrap_or_default() {
                Value::String(value) => result.push_str(&value),
                other => result.push_str(&other.to_string()),
            }
            rest = after;
        }
        result + rest
    }

    fn condition(&self, name: &str) -> bool {
        self.holds(&self.document["Conditions"][name])
    }

    fn holds(&self, condition: &Value) -> bool {
        if let Some(parts) = condition["Fn::Equals"].as_array() {
            return parts.first().map(|part| self.resolve(part)) == parts.get(1).map(|part| self.resolve(part));
        }
        if let Some(part) = condition["Fn::Not"].get(0) {
            return !self.holds(part);
        }
        condition["Condition"].as_str().is_some_and(|name| self.condition(name))
    }
}

fn attribute(argument: &Value) -> String {
    match argument {
        Value::Array(parts) => parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_template_is_understood() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        let template = Template::read(&path).unwrap();
        assert_eq!(template.tables.keys().collect::<Vec<_>>(), ["DeliveriesTable", "EventsTable", "WebhooksTable"]);
        let update = template.functions.iter().find(|f| f.binary == "sdelements-update-webhook").unwrap();
        assert_eq!(update.environment["WEBHOOKS_TABLE"], "WebhooksTable");
        assert_eq!(update.environment["DRAIN_FUNCTION"], "outhook-drain");
        assert!(!update.environment.contains_key("PUBLIC_URL"));
        assert!(template.functions.iter().any(|f| f.name == "outhook-drain"));
    }

    #[test]
    fn a_broken_template_says_what_and_where() {
        let text = "Resources:\n  A: {Type: AWS::Serverless::Function}\n";
        let error = Template::parse(text, "t.yaml").unwrap_err();
        assert_eq!(error.to_string(), "t.yaml: A: Metadata.BuildProperties.Binary is missing");
        assert!(Template::parse("a: [", "t.yaml").unwrap_err().to_string().starts_with("t.yaml is no YAML: "));
    }
}
