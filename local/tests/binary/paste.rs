//! What a user is told to paste.

use rustix::process::Signal;

use crate::{
    program::folder,
    running::{Running, bash, functions},
};

#[test]
fn the_printed_block_shows_a_message_at_every_start_and_as_often_as_it_is_pasted() {
    let data = folder("pasted");
    for start in 0..2 {
        let stack = Running::new(functions(), &data, |_| {});
        let mut paths = Vec::new();
        for paste in 1..=2 {
            let (shown, complaints) = bash(&format!("{}\necho webhook $WEBHOOK", stack.block()));
            assert_eq!(complaints, "");
            let lines: Vec<_> = shown.lines().collect();
            let [configuration, activity, messages, webhook] = lines[..] else { panic!("{shown}") };
            assert_eq!(webhook, format!("webhook {}", 2 * start + paste));
            assert!(configuration.contains(r#""event_source":"CreatedProjectActivity""#), "{shown}");
            assert!(activity.contains(r#""name":"CreatedProjectActivity""#), "{shown}");
            let messages: serde_json::Value = serde_json::from_str(messages).unwrap();
            assert_eq!(messages.as_array().unwrap().len(), 1, "{messages}");
            assert!(messages[0]["body"].as_str().unwrap().contains("Flipism"), "{messages}");
            paths.push(messages[0]["path"].clone());
        }
        assert_ne!(paths[0], paths[1], "each paste has a message of its own");
        let delivered = format!(" to sdelements:{}: delivered 200 ", 2 * start + 2);
        let log = stack.logged(&delivered).join("\n") + "\n" + &stack.stop(Signal::INT);
        let lines: Vec<_> = log.lines().filter_map(|line| line.split_once(' ')).map(|(_, told)| told).collect();
        for told in ["POST   /api/v2/webhooks/ 201 ", "POST   /api/v2/projects/11/activities/ 201 ", "event 01"] {
            assert!(lines.iter().any(|line| line.starts_with(told)), "{told} in {log}");
        }
        assert!(!log.contains('\u{1b}') && !log.contains("oh_acme") && !log.contains("services"), "{log}");
    }
}
