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
    let text = value.and_then(Value::as_str);
    rule.iter().all(|(name, argument)| {
        let both = || text.zip(argument.as_str());
        match name.as_str() {
            "exists" => argument.as_bool() == Some(value.is_some()),
            "prefix" => both().is_some_and(|(text, start)| text.starts_with(start)),
            "suffix" => both().is_some_and(|(text, end)| text.ends_with(end)),
            "equals-ignore-case" => both().is_some_and(|(text, other)| text.to_lowercase() == other.to_lowercase()),
            "numeric" => value.and_then(Value::as_f64).is_some_and(|number| in_range(number, argument)),
            "anything-but" => match argument {
                Value::Array(others) => value.is_some_and(|value| !others.contains(value)),
                Value::Object(_) => value.is_some() && !chosen(argument, value),
                other => value.is_some_and(|value| value != other),
            },
            _ => false,
        }
    })
}

/// `["=", 5]` or `[">", 0, "<=", 5]`.
fn in_range(number: f64, comparisons: &Value) -> bool {
    let comparisons = comparisons.as_array().map(Vec::as_slice).unwrap_or_default();
    !comparisons.is_empty()
        && comparisons.chunks(2).all(|pair| {
            let [Value::String(operator), limit] = pair else { return false };
            let Some(limit) = limit.as_f64() else { return false };
            match operator.as_str() {
                "=" => number == limit,
                "<" => number < limit,
                "<=" => number <= limit,
                ">" => number > limit,
                ">=" => number >= limit,
                _ => false,
            }
        })
}

/// Checks a pattern and says what is wrong with it, so that a mistake does not silently drop every record.
pub(crate) fn check(pattern: &Value) -> Result<(), String> {
    match pattern {
        Value::Object(fields) if !fields.is_empty() => fields.values().try_for_each(check),
        Value::Array(choices) if !choices.is_empty() => choices.iter().try_for_each(|choice| {
            let known = ["anything-but", "equals-ignore-case", "exists", "numeric", "prefix", "suffix"];
            let mut rules = choice.as_object().into_iter().flatten();
            match rules.find(|(name, _)| !known.contains(&name.as_str())) {
                Some((name, _)) => Err(format!("the rule {name} is not understood by the local stack")),
                None => Ok(()),
            }
        }),
        other => Err(format!("{other} is neither fields nor a list of choices")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_choose_records() {
        let record = json!({"eventName": "INSERT", "dynamodb": {"SizeBytes": 9, "NewImage": {"type": {"S": "abc"}, "n": {"N": "5"}}}});
        for (pattern, wanted) in [
            (json!({"eventName": ["INSERT"]}), true),
            (json!({"eventName": ["MODIFY", "REMOVE"]}), false),
            (json!({"dynamodb": {"NewImage": {"type": {"S": [{"prefix": "ab"}]}}}}), true),
            (json!({"dynamodb": {"NewImage": {"type": {"S": [{"anything-but": "abc"}]}}}}), false),
            (json!({"dynamodb": {"NewImage": {"project": [{"exists": false}]}}}), true),
            (json!({"dynamodb": {"NewImage": {"type": [{"exists": true}]}}}), true),
            (json!({"dynamodb": {"NewImage": {"type": {"S": ["x", {"suffix": "bc"}]}}}}), true),
            (json!({"dynamodb": {"NewImage": {"type": {"S": [{"equals-ignore-case": "ABC"}]}}}}), true),
            (json!({"dynamodb": {"NewImage": {"type": {"S": [{"anything-but": ["x", "y"]}]}}}}), true),
            (json!({"dynamodb": {"NewImage": {"type": {"S": [{"anything-but": {"prefix": "a"}}]}}}}), false),
            (json!({"dynamodb": {"SizeBytes": [{"numeric": [">", 5, "<=", 9]}]}}), true),
            (json!({"dynamodb": {"SizeBytes": [{"numeric": ["<", 9]}]}}), false),
            // DynamoDB's numbers come as texts, which AWS does not compare either.
            (json!({"dynamodb": {"NewImage": {"n": {"N": [{"numeric": ["=", 5]}]}}}}), false),
            (json!({"dynamodb": {"NewImage": {"n": {"N": ["5"]}}}}), true),
            (json!({"eventName": ["INSERT"], "other": ["x"]}), false),
        ] {
            assert_eq!(matches(std::slice::from_ref(&pattern), &record), wanted, "{pattern}");
        }
        assert!(matches(&[], &record));
    }

    #[test]
    fn mistakes_in_patterns_are_found() {
        assert_eq!(check(&json!({"a": {"b": ["x", {"exists": true}]}})), Ok(()));
        for wrong in [json!({"a": "x"}), json!({"a": []}), json!({}), json!({"a": [{"cidr": "10.0.0.0/8"}]})] {
            assert!(check(&wrong).is_err(), "{wrong}");
        }
    }
}
