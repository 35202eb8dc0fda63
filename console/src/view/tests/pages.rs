//! Every page in every state: empty, one, many; with long names, from right to left, and with hostile text.

use shared::{
    api::operations::State,
    domain::{Api, DeliveryState},
};

use super::samples::{
    delivery, events, frame, new_webhook, one_event, one_target, one_webhook, overview, small, targets, webhooks,
};
use crate::{
    asset::{ICON, SCRIPT, SLACK, STYLE},
    view::Notice,
};

const USUAL: &str = "Payments";
const HOSTILE: &str = "<script>alert('1')</script>\"&amp;{{x}}";
const FROM_RIGHT: &str = "مرحبا \u{202e}abc";

/// The page with a tag on each line, so that a change shows where it is, and without the digests of its style and script.
fn lines(page: &str) -> String {
    let mut page = page.to_owned();
    for asset in [&STYLE, &SLACK, &SCRIPT, &ICON] {
        let path = asset.path();
        let (_, extension) = path.split_once('.').unwrap();
        page = page.replace(&path, &format!("/assets/[digest].{extension}"));
    }
    page.replace('<', "\n<").replace("\n</", "</").trim_start().to_owned()
}

macro_rules! page {
    ($name:expr, $page:expr) => {
        insta::assert_snapshot!($name, lines(&$page));
    };
}

#[test]
fn the_first_page() {
    let writer = frame(USUAL, true);
    page!("overview_fine", overview(&writer, USUAL, 0));
    page!("overview_troubles", overview(&writer, USUAL, 3));
    page!("overview_hostile", overview(&frame(HOSTILE, false), HOSTILE, 3));
}

#[test]
fn the_list_of_webhooks() {
    let writer = frame(USUAL, true);
    page!("webhooks_none", webhooks(&writer, USUAL, 0));
    page!("webhooks_each_state", webhooks(&writer, USUAL, 5));
    page!("webhooks_many_for_a_reader", webhooks(&frame(USUAL, false), USUAL, 6));
    page!("webhooks_long_names", webhooks(&writer, &"long".repeat(60), 1));
    page!("webhooks_from_right_to_left", webhooks(&frame(FROM_RIGHT, true), FROM_RIGHT, 1));
    page!("webhooks_hostile", webhooks(&frame(HOSTILE, true), HOSTILE, 2));
}

#[test]
fn one_webhook_in_each_state() {
    for state in State::ALL {
        page!(&format!("webhook_{}", state.as_str()) as &str, one_webhook(&frame(USUAL, true), USUAL, *state, 1));
    }
    let mut noticed = frame(USUAL, false);
    noticed.notice = Some(Notice::Paused);
    page!("webhook_without_deliveries_for_a_reader", one_webhook(&noticed, USUAL, State::Paused, 0));
    page!("webhook_many_deliveries", one_webhook(&frame(USUAL, true), USUAL, State::Delivering, 5));
    page!("webhook_hostile", one_webhook(&frame(HOSTILE, true), HOSTILE, State::Suspended, 4));
}

#[test]
fn one_delivery_in_each_state() {
    let writer = frame(USUAL, true);
    let slack = r#"{"text":"Ann created Payments","blocks":[{"type":"header","text":{"type":"plain_text","text":"Payments"}}]}"#;
    for state in DeliveryState::ALL {
        page!(&format!("delivery_{}", state.as_str()) as &str, delivery(&writer, USUAL, *state, 2, Some(slack)));
    }
    page!("delivery_not_sent_yet", delivery(&writer, USUAL, DeliveryState::Pending, 0, Some("{\"a\":[1]}")));
    page!("delivery_expired", delivery(&frame(USUAL, false), USUAL, DeliveryState::Delivered, 1, None));
    page!("delivery_hostile", delivery(&frame(HOSTILE, true), HOSTILE, DeliveryState::Diverted, 3, Some(HOSTILE)));
}

#[test]
fn events_and_one_event() {
    let writer = frame(USUAL, true);
    page!("events_none", events(&writer, "", 0));
    page!("events_many", events(&writer, USUAL, 6));
    page!("events_hostile", events(&frame(HOSTILE, false), HOSTILE, 1));
    page!("event_went", one_event(&writer, USUAL, true));
    page!("event_nowhere", one_event(&writer, USUAL, false));
    page!("event_hostile", one_event(&frame(HOSTILE, true), HOSTILE, true));
}

#[test]
fn targets_and_one_target() {
    let writer = frame(USUAL, true);
    page!("targets_none", targets(&writer, USUAL, 0));
    page!("targets_some", targets(&writer, USUAL, 2));
    page!("targets_for_a_reader", targets(&frame(USUAL, false), USUAL, 6));
    page!("targets_hostile", targets(&frame(HOSTILE, true), HOSTILE, 2));
    page!("target", one_target(&writer, USUAL));
    page!("target_hostile", one_target(&frame(HOSTILE, true), HOSTILE));
}

#[test]
fn a_new_webhook_of_each_api() {
    for api in &Api::ALL[..4] {
        page!(&format!("new_webhook_{}", api.as_str()) as &str, new_webhook(&frame(USUAL, true), USUAL, *api));
    }
    page!("new_webhook_hostile", new_webhook(&frame(HOSTILE, true), HOSTILE, Api::Flip));
}

#[test]
fn pages_that_say_one_thing() {
    for (name, page) in small(&frame(USUAL, true), USUAL) {
        page!(name, page);
    }
    for (name, page) in small(&frame(HOSTILE, true), HOSTILE) {
        page!(&format!("{name}_hostile") as &str, page);
    }
}
