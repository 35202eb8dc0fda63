//! Writes the commands that fix what was found, so that they can be pasted into a shell as they are.

use serde_json::{Value, json};
use shared::{
    domain::{Hold, OrganizationId, WebhookKey},
    store::{Tables, due_shard, is_lane, organization_of, split_queue_key},
};

use crate::stack::Stack;

/// What the commands need to know about the deployment.
pub(super) struct Mender {
    /// How a command of this program begins.
    pub(super) command: String,
    /// The address of another DynamoDB than AWS's.
    pub(super) endpoint: Option<String>,
    /// What the names of the delivery functions begin with, if it is known.
    pub(super) prefix: Option<String>,
    /// The name of the stack, if the arguments name it.
    pub(super) stack: Option<String>,
    pub(super) tables: Tables,
}

impl Mender {
    pub(super) fn of(stack: &Stack) -> Self {
        let (command, endpoint, tables) = (stack.command.clone(), stack.endpoint.clone(), stack.tables.clone());
        Self { command, endpoint, prefix: stack.prefix().map(str::to_owned), stack: stack.name.clone(), tables }
    }

    /// A command of this program.
    pub(super) fn admin(&self, arguments: &str) -> String {
        format!("{} {arguments}", self.command)
    }

    /// A command of this program about a webhook.
    pub(super) fn webhook(&self, verb: &str, organization: &OrganizationId, key: &WebhookKey, more: &str) -> String {
        self.admin(&format!("{verb} {key} --organization {organization}{more}"))
    }

    /// What puts in order that the template says otherwise.
    pub(super) fn deploy(&self) -> String {
        match &self.stack {
            Some(stack) => format!("sam deploy --stack-name {}", quoted(stack)),
            None => "sam deploy".to_owned(),
        }
    }

    /// A call of the AWS CLI to DynamoDB.
    pub(super) fn dynamodb(&self, operation: &str, table: &str, options: &[(&str, String)]) -> String {
        let mut text = format!("aws dynamodb {operation} --table-name {}", quoted(table));
        for (name, value) in options {
            text += &format!(" --{name} {}", quoted(value));
        }
        self.endpoint.as_ref().map_or_else(|| text.clone(), |endpoint| format!("{text} --endpoint-url {endpoint}"))
    }

    /// Puts an item of keys alone, or of keys with more.
    pub(super) fn put(&self, table: &str, key: (&str, &str)) -> String {
        self.dynamodb("put-item", table, &[("item", item(key).to_string())])
    }

    pub(super) fn delete(&self, table: &str, key: (&str, &str)) -> String {
        self.dynamodb("delete-item", table, &[("key", item(key).to_string())])
    }

    /// Shows an item about which somebody has to decide.
    pub(super) fn look(&self, table: &str, key: (&str, &str)) -> String {
        self.dynamodb("get-item", table, &[("key", item(key).to_string())])
    }

    /// Changes one item; the values are numbers and texts in DynamoDB's JSON.
    pub(super) fn update(&self, table: &str, key: (&str, &str), change: &str, values: &Value) -> String {
        let mut options = vec![("key", item(key).to_string()), ("update-expression", change.to_owned())];
        if values.as_object().is_some_and(|values| !values.is_empty()) {
            options.push(("expression-attribute-values", values.to_string()));
        }
        self.dynamodb("update-item", table, &options)
    }

    /// Wakes the function that works on a queue or a lane. `lives` says whether the queue's webhook exists.
    pub(super) fn wake(&self, queue: &str, lives: bool) -> String {
        let (function, payload) =
            if is_lane(queue) { ("spread", json!({"lanes": [queue]})) } else { ("drain", json!({"wake": [queue]})) };
        match (&self.prefix, split_queue_key(queue)) {
            (Some(prefix), _) => self.invoke(&format!("{prefix}-{function}"), &payload),
            // Ending a hold makes a queue due again; the tick wakes drain.
            (None, Some((organization, key))) if lives => self.renew(&organization, &key),
            (None, _) => self.look_queue(queue),
        }
    }

    /// Invokes a function with the AWS CLI.
    pub(super) fn invoke(&self, function: &str, payload: &Value) -> String {
        let payload = quoted(&payload.to_string());
        let function = quoted(function);
        format!(
            "aws lambda invoke --function-name {function} --cli-binary-format raw-in-base64-out --payload {payload} /dev/stdout"
        )
    }

    /// Writes the state of a webhook into its queue again, and makes it due.
    pub(super) fn renew(&self, organization: &OrganizationId, key: &WebhookKey) -> String {
        let [pause, unpause] = ["pause", "unpause"].map(|verb| self.webhook(verb, organization, key, ""));
        format!("{pause} && {unpause}")
    }

    /// Brings a queue into the state of its webhook.
    pub(super) fn align(&self, queue: &str, hold: Option<Hold>) -> String {
        let Some((organization, key)) = split_queue_key(queue) else { return self.look_queue(queue) };
        let held = |name: &str| {
            let change = "SET held = :hold REMOVE due_at, due_shard";
            self.update(&self.tables.deliveries, (queue, "QUEUE"), change, &json!({":hold": {"S": name}}))
        };
        match hold {
            None => self.renew(&organization, &key),
            Some(Hold::Paused) => held("paused"),
            Some(Hold::Suspended) => held("suspended"),
            Some(Hold::Inactive) => held("inactive"),
            Some(Hold::Deleted) => self.bury(queue),
        }
    }

    /// Marks the queue of a webhook that does not exist as deleted, so that drain discards what is pending.
    pub(super) fn bury(&self, queue: &str) -> String {
        let change = "SET held = :hold, due_at = :now, due_shard = :shard REMOVE not_before, head";
        let values = json!({":hold": {"S": "deleted"}, ":now": {"N": "0"}, ":shard": {"S": due_shard(queue)}});
        self.update(&self.tables.deliveries, (queue, "QUEUE"), change, &values)
    }

    /// Shows the item of a queue.
    pub(super) fn look_queue(&self, queue: &str) -> String {
        self.look(&self.tables.deliveries, (queue, "QUEUE"))
    }

    /// Shows what waits in a queue or a lane, and why.
    pub(super) fn why(&self, queue: &str) -> String {
        match split_queue_key(queue) {
            Some((organization, key)) => self.webhook("deliveries", &organization, &key, " --state pending"),
            None => self.admin(&format!("queues --organization {}", organization_of(queue))),
        }
    }
}

fn item((pk, sk): (&str, &str)) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": sk}})
}

/// The text as one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_one_word_of_a_shell() {
        for text in ["plain-1.x", "two words", "it's $HOME `x` \\ \"q\"", "", "*", "é", "#"] {
            let printed =
                std::process::Command::new("sh").args(["-c", &format!("printf %s {}", quoted(text))]).output();
            assert_eq!(String::from_utf8(printed.unwrap().stdout).unwrap(), text);
        }
        assert_eq!(quoted("acme-drain"), "acme-drain");
    }
}
