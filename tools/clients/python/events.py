"""The story of `POST /events`, through the generated client."""

import events_client
from events_client.api.events import publish_event
from events_client.models import NewEvent, NewEventData
from story import client, done

events = client(events_client)
data = {"room": "general", "words": 12, "nested": {"list": [1, None]}}
new = NewEvent("chat.message.sent", NewEventData.from_dict(data), project="p1")
made = done(publish_event, 201, client=events, body=new, idempotency_key="python")
assert (made.type_, made.project, made.user, made.data.to_dict()) == ("chat.message.sent", "p1", None, data)
assert done(publish_event, 201, client=events, body=new, idempotency_key="python").id == made.id
refused = done(publish_event, 400, client=events, body=NewEvent("a..b", NewEventData()))
assert "type" in refused.additional_keys
