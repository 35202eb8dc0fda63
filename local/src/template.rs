//! Reading `template.yaml`: its functions with their triggers, and its tables.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};
use serde_yaml_ng as yaml;

use crate::{
    mapping::Rules,
    resolve::{Resolver, Wrong, plain, text},
};

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// The file is not valid YAML.
    #[error("{0} is not valid YAML: {1}")]
    NotYaml(String, yaml::Error),
    /// Something in it is missing or wrong.
    #[error("{0}: {1}")]
    Wrong(String, String),
}

/// What triggers a function.
#[derive(Clone, Debug)]
pub(crate) enum Trigger {
    /// A method of a resource of the REST API.
    Api { method: String, path: String },
    /// A table's stream: the table's name, its partition key's, and the mapping's rules.
    Stream { table: String, key: String, rules: Rules },
    /// A schedule: every how many minutes, and what it invokes the function with.
    Schedule { minutes: u32, input: String },
}

/// A function of the template.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its logical id.
    pub id: String,
    /// The name under which it is invoked.
    pub name: String,
    /// The name of its binary.
    pub binary: String,
    /// Its environment variables, as the template sets them.
    pub environment: BTreeMap<String, String>,
    /// How long an invocation may take, in seconds.
    pub(crate) timeout_s: u64,
    /// Its memory, in MB.
    pub(crate) memory_mb: u64,
    /// How many environments are reserved for it, and the most that it may have; of the account's others if absent.
    pub(crate) reserved: Option<usize>,
    /// How often a failed asynchronous invocation is tried again.
    pub(crate) retries: u32,
    /// How old an asynchronous invocation may become, in seconds.
    pub(crate) most_age_s: u64,
    /// What triggers it.
    pub(crate) events: Vec<Trigger>,
}

/// A template, resolved with the defaults of its parameters: what their conditions leave out is not in it.
#[derive(Clone, Debug)]
pub struct Template {
    /// Tables by logical id, with their properties; `TableName` is always there.
    pub(crate) tables: BTreeMap<String, Value>,
    /// Its functions.
    pub functions: Vec<Function>,
}

impl Template {
    /// Reads a template file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is not valid YAML, or has something that the local stack does not understand.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| TemplateError::Unreadable(shown.clone(), error))?;
        Self::parse(&text, &shown)
    }

    /// Reads a template's text; `shown` is its name in errors.
    pub(crate) fn parse(text: &str, shown: &str) -> Result<Self, TemplateError> {
        let document: yaml::Value =
            yaml::from_str(text).map_err(|error| TemplateError::NotYaml(shown.to_owned(), error))?;
        let document = plain(document);
        Self::understand(&document).map_err(|(at, why)| TemplateError::Wrong(format!("{shown}: {at}"), why))
    }

    fn understand(document: &Value) -> Result<Self, Wrong> {
        let resolver = Resolver { document };
        let wrong = |at: &str, why: &str| (at.to_owned(), why.to_owned());
        let resources = document["Resources"].as_object().ok_or_else(|| wrong("Resources", "there are none"))?;
        let mut template = Self { tables: BTreeMap::new(), functions: Vec::new() };
        let (mut functions, mut mappings) = (Vec::new(), Vec::new());
        for (id, resource) in resources {
            let at = format!("Resources.{id}");
            if let Some(condition) = resource["Condition"].as_str()
                && !resolver.condition(condition, &at)?
            {
                continue;
            }
            match resource["Type"].as_str() {
                Some("AWS::DynamoDB::Table") => {
                    let properties = &resource["Properties"];
                    let mut properties = resolver.resolve(properties, &format!("{at}.Properties"))?.unwrap_or_default();
                    if properties["TableName"].is_null() {
                        properties["TableName"] = Value::String(id.clone());
                    }
                    template.tables.insert(id.clone(), properties);
                }
                Some("AWS::Serverless::Function") => functions.push((id, resource, at)),
                Some("AWS::Lambda::EventSourceMapping") => mappings.push((resource, at)),
                Some(_) => {}
                None => return Err(wrong(&at, "Type is missing")),
            }
        }
        for (id, resource, at) in functions {
            let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str();
            let binary = binary.ok_or_else(|| wrong(&at, "Metadata.BuildProperties.Binary is missing"))?;
            let globals = chosen(resolver, &document["Globals"]["Function"], "Globals.Function")?;
            let properties = chosen(resolver, &resource["Properties"], &format!("{at}.Properties"))?;
            let function = template.function(id, binary, &globals, &properties, &at)?;
            template.functions.push(function);
        }
        for (resource, at) in mappings {
            let at = format!("{at}.Properties");
            let properties = resolver.resolve(&resource["Properties"], &at)?.unwrap_or_default();
            let stream = template.stream(&properties, &at)?;
            let name = text(&properties["FunctionName"]);
            let function = template.functions.iter_mut().find(|function| function.name == name);
            function.ok_or_else(|| (format!("{at}.FunctionName"), "it is no function".to_owned()))?.events.push(stream);
        }
        Ok(template)
    }

    fn function(&self, id: &str, binary: &str, globals: &Value, own: &Value, at: &str) -> Result<Function, Wrong> {
        let mut environment = BTreeMap::new();
        for source in [globals, own] {
            for (name, value) in source["Environment"]["Variables"].as_object().into_iter().flatten() {
                environment.insert(name.clone(), text(value));
            }
        }
        let number = |name: &str, default: u64| own[name].as_u64().or(globals[name].as_u64()).unwrap_or(default);
        let mut events = Vec::new();
        for (name, event) in own["Events"].as_object().into_iter().flatten() {
            events.extend(self.trigger(event, &format!("{at}.Properties.Events.{name}"))?);
        }
        let asynchronous = |name: &str, default: u64| {
            let of = |properties: &Value| properties["EventInvokeConfig"][name].as_u64();
            of(own).or_else(|| of(globals)).unwrap_or(default)
        };
        let reserved = own["ReservedConcurrentExecutions"].as_u64();
        Ok(Function {
            id: id.to_owned(),
            name: own["FunctionName"].as_str().unwrap_or(id).to_owned(),
            binary: binary.to_owned(),
            environment,
            timeout_s: number("Timeout", 3),
            memory_mb: number("MemorySize", 128),
            reserved: reserved.and_then(|most| usize::try_from(most).ok()),
            retries: u32::try_from(asynchronous("MaximumRetryAttempts", 2)).unwrap_or(2),
            most_age_s: asynchronous("MaximumEventAgeInSeconds", 6 * 3_600),
            events,
        })
    }

    /// The trigger that the properties of an event source mapping describe.
    fn stream(&self, properties: &Value, at: &str) -> Result<Trigger, Wrong> {
        let wrong = |name: &str, why: &str| (format!("{at}.{name}"), why.to_owned());
        let stream = properties["EventSourceArn"].as_str().and_then(|stream| stream.strip_suffix(".StreamArn"));
        let table = stream.and_then(|id| self.tables.get(id));
        let table = table.ok_or_else(|| wrong("EventSourceArn", "it is not the StreamArn of a table"))?;
        if table["StreamSpecification"].is_null() {
            return Err(wrong("EventSourceArn", "that table has no StreamSpecification"));
        }
        if properties["StartingPosition"] != "TRIM_HORIZON" {
            return Err(wrong("StartingPosition", "the local stack reads from TRIM_HORIZON only"));
        }
        let rules = Rules::of(properties).map_err(|why| wrong("FilterCriteria", &why))?;
        let mut keys = table["KeySchema"].as_array().into_iter().flatten();
        let key = keys.find(|key| key["KeyType"] == "HASH").map(|key| text(&key["AttributeName"]));
        Ok(Trigger::Stream { table: text(&table["TableName"]), key: key.unwrap_or_default(), rules })
    }

    fn trigger(&self, event: &Value, at: &str) -> Result<Option<Trigger>, Wrong> {
        let properties = &event["Properties"];
        let wrong = |name: &str, why: &str| (format!("{at}.Properties.{name}"), why.to_owned());
        match event["Type"].as_str() {
            Some("Api") => {
                let path = properties["Path"].as_str().filter(|path| path.starts_with('/'));
                let path = path.ok_or_else(|| wrong("Path", "it must begin with a slash"))?;
                if path.len() > 1 && path.ends_with('/') {
                    return Err(wrong("Path", "API Gateway takes no resource with a trailing slash"));
                }
                let method = properties["Method"].as_str().ok_or_else(|| wrong("Method", "it is missing"))?;
                Ok(Some(Trigger::Api { method: method.to_uppercase(), path: path.to_owned() }))
            }
            Some("ScheduleV2") => {
                let input = properties["Input"].as_str().unwrap_or("{}");
                if serde_json::from_str::<Value>(input).is_err() {
                    return Err(wrong("Input", "it is not valid JSON"));
                }
                let minutes = properties["ScheduleExpression"].as_str().and_then(minutes);
                let minutes = minutes.ok_or_else(|| wrong("ScheduleExpression", "it is not rate(... minutes)"))?;
                Ok(Some(Trigger::Schedule { minutes, input: input.to_owned() }))
            }
            // Nothing of this kind happens on one machine.
            Some(_) => Ok(None),
            None => Err((at.to_owned(), "Type is missing".to_owned())),
        }
    }
}

/// How many minutes lie between two ticks of a `rate(...)`.
fn minutes(expression: &str) -> Option<u32> {
    let (many, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.trim().split_once(' ')?;
    let minutes = match unit.trim() {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 24 * 60,
        _ => return None,
    };
    many.parse::<u32>().ok()?.checked_mul(minutes).filter(|minutes| *minutes > 0)
}

/// The properties that matter here, resolved. The others (policies above all) may name what only SAM's transform makes.
fn chosen(resolver: Resolver<'_>, properties: &Value, at: &str) -> Result<Value, Wrong> {
    let names = [
        "Environment",
        "EventInvokeConfig",
        "Events",
        "FunctionName",
        "MemorySize",
        "ReservedConcurrentExecutions",
        "Timeout",
    ];
    let own = properties.as_object().into_iter().flatten().filter(|(name, _)| names.contains(&name.as_str()));
    let own: Map<_, _> = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    Ok(resolver.resolve(&Value::Object(own), at)?.unwrap_or_default())
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
        assert_eq!(update.environment["DRAIN_FUNCTION"], "outhook-local-drain");
        assert_eq!(update.environment["PUBLIC_URL"], "");
        assert!(template.functions.iter().any(|f| f.name == "outhook-local-drain"));
    }

    #[test]
    fn a_broken_template_says_what_and_where() {
        let text = "Resources:\n  A: {Type: AWS::Serverless::Function}\n";
        let error = Template::parse(text, "t.yaml").unwrap_err();
        assert_eq!(error.to_string(), "t.yaml: Resources.A: Metadata.BuildProperties.Binary is missing");
        let error = Template::parse("a: 1\nb: [", "t.yaml").unwrap_err().to_string();
        assert!(error.starts_with("t.yaml is not valid YAML: ") && error.contains("line"), "{error}");
    }

    fn one_function(properties: &str) -> Result<Template, String> {
        let text = format!(
            "Parameters: {{Day: {{Default: 'off'}}}}\n\
             Conditions: {{Daily: !Equals [!Ref Day, 'on']}}\n\
             Globals: {{Function: {{Timeout: 7, Environment: {{Variables: {{A: 1, B: x}}}}}}}}\n\
             Resources:\n  \
               F:\n    Type: AWS::Serverless::Function\n    \
                 Metadata: {{BuildProperties: {{Binary: f}}}}\n    \
                 Properties: {properties}\n  \
               T: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: things, StreamSpecification: {{StreamViewType: NEW_IMAGE}}}}}}\n  \
               U: {{Type: AWS::DynamoDB::Table}}\n  \
               Off: {{Type: AWS::Serverless::Function, Condition: Daily}}\n"
        );
        Template::parse(&text, "t.yaml").map_err(|error| error.to_string())
    }

    #[test]
    fn globals_apply_and_conditions_leave_resources_out() {
        let template = one_function("{Environment: {Variables: {B: !Ref T}}, Policies: [!Ref MadeBySam]}").unwrap();
        let [function] = template.functions.as_slice() else { panic!("{:?}", template.functions) };
        assert_eq!((function.timeout_s, function.memory_mb, function.retries), (7, 128, 2));
        assert_eq!((&*function.environment["A"], &*function.environment["B"]), ("1", "things"));
        assert_eq!((function.reserved, function.most_age_s), (None, 21_600));
        let own =
            "{ReservedConcurrentExecutions: 3, MemorySize: 512, EventInvokeConfig: {MaximumEventAgeInSeconds: 300}}";
        let function = one_function(own).unwrap().functions.remove(0);
        assert_eq!((function.reserved, function.most_age_s, function.memory_mb), (Some(3), 300, 512));
    }

    #[test]
    fn a_schedule_ticks_every_so_many_minutes() {
        for (expression, wanted) in [
            ("rate(1 minute)", Some(1)),
            ("rate(5 minutes)", Some(5)),
            ("rate(2 hours)", Some(120)),
            ("rate(0 minutes)", None),
            ("rate(1 second)", None),
            ("rate(minute)", None),
        ] {
            assert_eq!(minutes(expression), wanted, "{expression}");
        }
    }

    #[test]
    fn triggers_are_checked() {
        for (event, wanted) in [
            (
                "Type: Api, Properties: {Path: /a/, Method: get}",
                "Path: API Gateway takes no resource with a trailing slash",
            ),
            ("Type: Api, Properties: {Path: /a}", "Method: it is missing"),
            ("Type: ScheduleV2, Properties: {Input: '{'}", "Input: it is not valid JSON"),
            (
                "Type: ScheduleV2, Properties: {ScheduleExpression: cron(0 8 * * ? *)}",
                "ScheduleExpression: it is not rate(... minutes)",
            ),
        ] {
            let error = one_function(&format!("{{Events: {{E: {{{event}}}}}}}")).unwrap_err();
            assert_eq!(error, format!("t.yaml: Resources.F.Properties.Events.E.Properties.{wanted}"), "{event}");
        }
    }

    #[test]
    fn a_mapping_belongs_to_its_function_and_is_checked() {
        let mapped = |properties: &str| {
            let text = format!(
                "Resources:\n  \
                   F: {{Type: AWS::Serverless::Function, Metadata: {{BuildProperties: {{Binary: f}}}}}}\n  \
                   T: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: things, StreamSpecification: {{StreamViewType: NEW_IMAGE}}}}}}\n  \
                   U: {{Type: AWS::DynamoDB::Table}}\n  \
                   M: {{Type: AWS::Lambda::EventSourceMapping, Properties: {{{properties}}}}}\n"
            );
            Template::parse(&text, "t.yaml").map_err(|error| error.to_string())
        };
        let begin = "StartingPosition: TRIM_HORIZON, FunctionName: !Ref F, EventSourceArn:";
        for (properties, wanted) in [
            (format!("{begin} !GetAtt U.StreamArn"), "EventSourceArn: that table has no StreamSpecification"),
            (format!("{begin} x"), "EventSourceArn: it is not the StreamArn of a table"),
            (
                format!("{begin} !GetAtt T.StreamArn, FilterCriteria: {{Filters: [{{Pattern: '{{'}}]}}"),
                "FilterCriteria: the pattern { is not valid JSON",
            ),
            (
                "EventSourceArn: !GetAtt T.StreamArn, StartingPosition: LATEST".to_owned(),
                "StartingPosition: the local stack reads from TRIM_HORIZON only",
            ),
            (format!("{} !GetAtt T.StreamArn", begin.replace("!Ref F", "g")), "FunctionName: it is no function"),
        ] {
            let error = mapped(&properties).unwrap_err();
            assert_eq!(error, format!("t.yaml: Resources.M.Properties.{wanted}"), "{properties}");
        }
        let template = mapped(&format!("{begin} !GetAtt T.StreamArn, BatchSize: 7")).unwrap();
        let [Trigger::Stream { table, rules, .. }] = template.functions[0].events.as_slice() else { panic!() };
        assert_eq!((table.as_str(), rules.batch_size), ("things", 7));
    }
}
