//! CloudFormation's intrinsic functions, as far as a template of ours uses them, with the parameters' defaults.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use serde_yaml_ng as yaml;

/// What is wrong in a template, and where: `Resources.Drain.Properties.Environment`.
pub(crate) type Wrong = (String, String);

/// YAML with CloudFormation's short tags as the JSON that they stand for.
pub(crate) fn plain(value: yaml::Value) -> Value {
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
            let name = if matches!(tag, "Ref" | "Condition") { tag.to_owned() } else { format!("Fn::{tag}") };
            json!({name: plain(tagged.value)})
        }
    }
}

/// Resolves what a document's values mean.
#[derive(Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) document: &'a Value,
}

impl Resolver<'_> {
    /// The value behind `value`, which stands at `at`; `None` for `AWS::NoValue`.
    pub(crate) fn resolve(&self, value: &Value, at: &str) -> Result<Option<Value>, Wrong> {
        match value {
            Value::Object(pairs) => {
                if let Some((name, argument)) = pairs.iter().next().filter(|_| pairs.len() == 1)
                    && (name == "Ref" || name.starts_with("Fn::"))
                {
                    return self.call(name, argument, at);
                }
                let mut resolved = Map::new();
                for (name, value) in pairs {
                    if let Some(value) = self.resolve(value, &format!("{at}.{name}"))? {
                        resolved.insert(name.clone(), value);
                    }
                }
                Ok(Some(Value::Object(resolved)))
            }
            Value::Array(items) => {
                let mut resolved = Vec::new();
                for (place, item) in items.iter().enumerate() {
                    resolved.extend(self.resolve(item, &format!("{at}[{place}]"))?);
                }
                Ok(Some(Value::Array(resolved)))
            }
            other => Ok(Some(other.clone())),
        }
    }

    fn call(&self, name: &str, argument: &Value, at: &str) -> Result<Option<Value>, Wrong> {
        let wrong = |why: String| (at.to_owned(), why);
        match name {
            "Ref" => self.reference(argument.as_str().unwrap_or_default(), at),
            "Fn::GetAtt" => {
                let joined =
                    argument.as_array().map(|parts| parts.iter().filter_map(Value::as_str).collect::<Vec<_>>());
                let joined =
                    joined.map_or_else(|| argument.as_str().unwrap_or_default().to_owned(), |all| all.join("."));
                self.attribute(&joined, at).map(|text| Some(Value::String(text)))
            }
            "Fn::Sub" => {
                let (text, names) = match argument {
                    Value::Array(parts) => (parts.first().and_then(Value::as_str), self.resolve(&argument[1], at)?),
                    other => (other.as_str(), None),
                };
                let text = text.ok_or_else(|| wrong("Fn::Sub needs a text".to_owned()))?;
                self.substitute(text, &names.unwrap_or_default(), at).map(|text| Some(Value::String(text)))
            }
            "Fn::If" => {
                let condition = argument[0].as_str().unwrap_or_default();
                let branch = if self.condition(condition, at)? { 1 } else { 2 };
                self.resolve(&argument[branch], at)
            }
            "Fn::Join" => {
                let parts = self.resolve(&argument[1], at)?.unwrap_or_default();
                let parts = parts.as_array().ok_or_else(|| wrong("Fn::Join needs a list".to_owned()))?;
                let parts: Vec<_> = parts.iter().map(text).collect();
                Ok(Some(json!(parts.join(argument[0].as_str().unwrap_or_default()))))
            }
            "Fn::Split" => {
                let whole = text(&self.resolve(&argument[1], at)?.unwrap_or_default());
                let separator = argument[0].as_str().filter(|separator| !separator.is_empty());
                let separator = separator.ok_or_else(|| wrong("Fn::Split needs a separator".to_owned()))?;
                Ok(Some(json!(whole.split(separator).collect::<Vec<_>>())))
            }
            "Fn::Select" => {
                let place = argument[0].as_u64().and_then(|place| usize::try_from(place).ok());
                let list = self.resolve(&argument[1], at)?.unwrap_or_default();
                let item = place.and_then(|place| list.get(place)).cloned();
                item.map(Some).ok_or_else(|| wrong("Fn::Select names no item of a list".to_owned()))
            }
            other => Err(wrong(format!("{other} is not understood by the local stack"))),
        }
    }

    fn reference(&self, name: &str, at: &str) -> Result<Option<Value>, Wrong> {
        let pseudo: BTreeMap<_, _> = [
            ("AWS::Region", "us-east-1"),
            ("AWS::AccountId", "000000000000"),
            ("AWS::Partition", "aws"),
            ("AWS::URLSuffix", "amazonaws.com"),
            ("AWS::StackName", "outhook"),
            ("AWS::StackId", "arn:aws:cloudformation:us-east-1:000000000000:stack/outhook/local"),
        ]
        .into();
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        if let Some(value) = pseudo.get(name) {
            return Ok(Some(json!(value)));
        }
        if let Some(parameter) = self.document["Parameters"].get(name) {
            return match parameter.get("Default") {
                Some(default) => Ok(Some(default.clone())),
                None => {
                    Err((format!("Parameters.{name}"), "it has no Default, which the local stack needs".to_owned()))
                }
            };
        }
        let Some(resource) = self.document["Resources"].get(name) else {
            return Err((at.to_owned(), format!("parameter or resource {name} does not exist")));
        };
        let properties = &resource["Properties"];
        match properties.get("FunctionName").or_else(|| properties.get("TableName")) {
            Some(named) => self.resolve(named, &format!("Resources.{name}.Properties")),
            None => Ok(Some(json!(name))),
        }
    }

    /// `<logical id>.<attribute>`: enough to tell what is meant. Nothing here has an ARN that leads anywhere.
    fn attribute(&self, of: &str, at: &str) -> Result<String, Wrong> {
        let id = of.split('.').next().unwrap_or(of);
        match self.document["Resources"].get(id) {
            Some(_) => Ok(of.to_owned()),
            None => Err((at.to_owned(), format!("resource {id} does not exist"))),
        }
    }

    fn substitute(&self, template: &str, names: &Value, at: &str) -> Result<String, Wrong> {
        let (mut result, mut rest) = (String::new(), template);
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else {
                return Err((at.to_owned(), "a ${ is not closed".to_owned()));
            };
            result.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str(&format!("${{{literal}}}"));
            } else if let Some(value) = names.get(name) {
                result.push_str(&text(value));
            } else if name.contains('.') {
                result.push_str(&self.attribute(name, at)?);
            } else {
                result.push_str(&text(&self.reference(name, at)?.unwrap_or_default()));
            }
            rest = after;
        }
        Ok(result + rest)
    }

    /// Whether the condition of that name holds.
    pub(crate) fn condition(&self, name: &str, at: &str) -> Result<bool, Wrong> {
        match self.document["Conditions"].get(name) {
            Some(condition) => self.holds(condition, &format!("Conditions.{name}")),
            None => Err((at.to_owned(), format!("condition {name} does not exist"))),
        }
    }

    fn holds(&self, condition: &Value, at: &str) -> Result<bool, Wrong> {
        let mut pairs = condition.as_object().into_iter().flatten();
        let Some((name, argument)) = pairs.next() else {
            return Err((at.to_owned(), "it is not a condition".to_owned()));
        };
        let parts = || argument.as_array().into_iter().flatten();
        match name.as_str() {
            "Condition" => self.condition(argument.as_str().unwrap_or_default(), at),
            "Fn::Equals" => {
                // CloudFormation compares texts: the default 30 equals '30'.
                let side = |side: &Value| Ok::<_, Wrong>(text(&self.resolve(side, at)?.unwrap_or_default()));
                Ok(side(&argument[0])? == side(&argument[1])?)
            }
            "Fn::Not" => Ok(!self.holds(&argument[0], at)?),
            "Fn::And" => parts().try_fold(true, |all, part| Ok(all & self.holds(part, at)?)),
            "Fn::Or" => parts().try_fold(false, |any, part| Ok(any | self.holds(part, at)?)),
            other => Err((at.to_owned(), format!("{other} is not understood by the local stack"))),
        }
    }
}

/// A scalar as CloudFormation hands it on: as text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r"
Parameters:
  Days: {Type: Number, Default: 30}
  Url: {Type: String, Default: ''}
  Key: {Type: String}
Conditions:
  HasUrl: !Not [!Equals [!Ref Url, '']]
  Month: !Equals [!Ref Days, '30']
  Both: !And [!Condition Month, !Not [!Condition HasUrl]]
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Named: {Type: AWS::Serverless::Function, Properties: {FunctionName: !Sub '${AWS::StackName}-named'}}
";

    fn resolved(value: &str) -> Result<Option<Value>, Wrong> {
        let document = plain(yaml::from_str(DOCUMENT).unwrap());
        Resolver { document: &document }.resolve(&plain(yaml::from_str(value).unwrap()), "here")
    }

    #[test]
    fn intrinsics_mean_what_cloudformation_says() {
        for (value, wanted) in [
            ("!Ref Days", json!(30)),
            ("!Ref Table", json!("Table")),
            ("!Ref Named", json!("outhook-named")),
            ("!GetAtt Table.StreamArn", json!("Table.StreamArn")),
            ("!GetAtt [Table, StreamArn]", json!("Table.StreamArn")),
            ("!Sub 'a ${Days} ${Table.Arn} ${!x}'", json!("a 30 Table.Arn ${x}")),
            ("!Sub ['${a}-${Days}', {a: !Ref Table}]", json!("Table-30")),
            ("!Join [',', [!Ref Table, b]]", json!("Table,b")),
            (
                "!Split ['/', !Ref AWS::StackId]",
                json!(["arn:aws:cloudformation:us-east-1:000000000000:stack", "outhook", "local"]),
            ),
            ("!Select [1, !Split ['-', a-b-c]]", json!("b")),
            ("{a: !If [HasUrl, !Ref Url, !Ref AWS::NoValue], b: 1}", json!({"b": 1})),
            ("!If [Both, yes!, no!]", json!("yes!")),
            ("[!Ref AWS::NoValue, {Ref: Days}]", json!([30])),
        ] {
            assert_eq!(resolved(value), Ok(Some(wanted)), "{value}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (value, at, why) in [
            ("{a: [!Ref Nope]}", "here.a[0]", "parameter or resource Nope does not exist"),
            ("!GetAtt Nope.Arn", "here", "resource Nope does not exist"),
            ("!Sub '${Nope}'", "here", "parameter or resource Nope does not exist"),
            ("!If [Nope, 1, 2]", "here", "condition Nope does not exist"),
            ("!Ref Key", "Parameters.Key", "it has no Default, which the local stack needs"),
            ("!FindInMap [a, b, c]", "here", "Fn::FindInMap is not understood by the local stack"),
            ("!Split ['', a]", "here", "Fn::Split needs a separator"),
            ("!Select [2, [a, b]]", "here", "Fn::Select names no item of a list"),
        ] {
            assert_eq!(resolved(value), Err((at.to_owned(), why.to_owned())), "{value}");
        }
    }
}
