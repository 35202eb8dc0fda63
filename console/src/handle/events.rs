//! `GET /console/events`: the events of one day; `id`, `day`, `type`, `project`. `POST /console/events/test` publishes one.

use shared::{
    api::operations::{EventQuery, OperationsFailure},
    app::App,
    domain::{Caller, Event, EventId, JsonText, Permission, Timestamp},
    http::{Reply, Request},
};

use super::done;
use crate::{
    failure::Failure,
    reply::{redirect, shown},
    view::{
        self, Notice, Section,
        events::{Content, Filters},
    },
    visit::{Visit, filters},
};

/// The type of a test event.
pub(super) const TEST_TYPE: &str = "console.test";

/// Shows the events of a day. A day is one query of each shard, so that a page costs the same however few events there are.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Visit { caller, frame, .. } = Visit::of(app, request, None).await?;
    let typed = |name| request.parameter(name).unwrap_or_default().trim().to_owned();
    if let Some(id) = Some(typed("id").to_uppercase()).filter(|id| !id.is_empty()) {
        let id: EventId = id.parse().map_err(|_| {
            OperationsFailure::field(
                "id",
                "must be an event's id: 26 digits and letters, as the reply to its publication gave it",
            )
        })?;
        return Ok(redirect(frame.link(&format!("/events/{id}"))));
    }
    let today = frame.now.start_of_day();
    let day = match typed("day") {
        text if text.is_empty() => today,
        text => {
            start_of(&text).ok_or_else(|| OperationsFailure::field("day", "must be a date, for example 2025-03-31"))?
        }
    };
    let query = EventQuery::parse(&caller.organization.id, &within(&filters(request), day))?;
    let events = app.event_page(&caller.organization, &query).await?;
    let filters = Filters { event_type: typed("type"), project: typed("project") };
    let later = Some(Timestamp(day.0 + Timestamp::DAY_MS)).filter(|later| *later <= today).map(date);
    let [shown_day, earlier] = [day, Timestamp(day.0 - Timestamp::DAY_MS)].map(date);
    let page = Content {
        day: &shown_day,
        earlier: &earlier,
        later: later.as_deref(),
        filters: &filters,
        events: &events,
        may_publish: may_publish(&caller),
    };
    Ok(shown(&frame, Section::Events, "Events", &view::events::content(&frame, &page)))
}

/// Publishes a test event, and goes on to its page.
pub(crate) async fn publish_test(app: &App, request: &Request) -> Result<Reply, Failure> {
    let (Visit { caller, frame, .. }, _) = Visit::to_change(app, request, None).await?;
    if !may_publish(&caller) {
        return Err(OperationsFailure::PermissionDenied(Permission::EventsWrite).into());
    }
    let data = serde_json::json!({"test": true, "message": "Published from the console.", "user": caller.token.user});
    let data = JsonText::of(&data).map_err(|_| OperationsFailure::Internal)?;
    let (organization, now) = (caller.organization.id.clone(), app.store.clock().now());
    let event = Event::new(app.store.new_ulid(), organization, TEST_TYPE.to_owned(), now, data);
    app.store.publish(&event, caller.organization.event_shards, None).await?;
    Ok(done(&frame, &format!("/events/{}", event.id), Notice::Published))
}

fn may_publish(caller: &Caller) -> bool {
    caller.may_publish() && caller.may(Permission::OperationsWrite)
}

/// The request with the day's span instead of `day`, as the operations API takes it.
fn within(request: &Request, day: Timestamp) -> Request {
    let mut request = request.clone();
    request.query.retain(|(name, _)| name != "day");
    let span = [("after", day), ("before", Timestamp(day.0 + Timestamp::DAY_MS))];
    request.query.extend(span.map(|(name, moment)| (name.to_owned(), moment.to_string())));
    request
}

/// The first moment of a date.
fn start_of(date: &str) -> Option<Timestamp> {
    if date.len() != 10 || !date.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    format!("{date}T00:00:00Z").parse().ok()
}

/// The date of a moment.
fn date(moment: Timestamp) -> String {
    let text = moment.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        let moment: Timestamp = "2025-03-31T10:15:00Z".parse().unwrap();
        assert_eq!(start_of("2025-03-31"), Some(moment.start_of_day()));
        assert_eq!(date(moment.start_of_day()), "2025-03-31");
        for text in ["", "2025-13-01", "x", "2025-03-31T", "+025-03-31", "+2025-03-31"] {
            assert_eq!(start_of(text), None, "{text}");
        }
    }
}
