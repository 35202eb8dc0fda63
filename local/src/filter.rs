//! Event filtering patterns, as far as stream mappings use them.
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>)

use serde_json::Value;

/// Whether the record matches any of the patterns; without patterns everything does.
pub(crate) fn matches(patterns: &[Value], record: &Value) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, Some(record)))
}

fn fits(pattern: &Value, value: Option<&Value>) -> bool {
    match pattern {
        Value::Object(fields) => {
            fields.iter().all(|(name, inner)| fits(inner, value.and_then(|value| value.get(name))))
        }
        Value::Array(choices) => choices.iter().any(|choice| chosen(choice, value)),
        _ => false,
    }
}

fn chosen(choice: &Value, value: Option<&Value>) -> bool {
    let Value::Object(rule) = choice else { return value == Some(choice) };
    rule.iter().all(|(name, argument)| match name.as_str() {
        "exists" => argument.as_bool() == Some(value.is_some()),
        "prefix" => {
            value.and_then(Value::as_str).zip(argument.as_str()).is_some_and(|(text, start)| text.starts_with(start))
        }
        "anything-but" => match argument {
            Value::Array(others) => value.is_some_and(|value| !others.contains(value)),
            other => value.is_some_and(|value| value != other),
        },
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_choose_records() {
        let record = json!({"eventName": "INSERT", "dynamodb": {"NewImage": {"type": {"S": "abc"}}}});
        for (pattern, wanted) in [
            (json!({"eventName": ["INSERT"]}), true),
            (json!({"eventName": ["MODIFY", "REMOVE"]}), false),
            (json!({"dynamodb": {"NewImage": {"type": {"S": [{"prefix": "ab"}]}}}}), true),
            (json!({"dynamodb": {"NewImage": {"type": {"S": [{"anything-but": "abc"}]}}}}), false),
            (json!({"dynamodb": {"NewImage": {"project": [{"exists": false}]}}}), true),
            (json!({"eventName": ["INSERT"], "other": ["x"]}), false),
        ] {
            assert_eq!(matches(std::slice::from_ref(&pattern), &record), wanted, "{pattern}");
        }
        assert!(matches(&[], &record));
    }
}
