"""The story of Socotra's API, through the generated client. Its events are published through the client of `POST /events`."""

import uuid

import events_client
import socotra_client
from events_client.api.events import publish_event
from events_client.models import NewEvent, NewEventData
from socotra_client.api.diverted_events import (
    delete_diverted_event, list_diverted_events, resend_diverted_event, retrieve_diverted_event,
)
from socotra_client.api.events import list_events, list_request_events, retrieve_event
from socotra_client.api.webhooks import (
    create_webhook, delete_webhook, list_webhooks, retrieve_webhook, unsuspend_webhook, update_webhook,
)
from socotra_client.models import (
    CreateEndpointRequest, CreateEndpointRequestHeaders, CreateWebhookRequest, FailureHandlingCreateRequest,
    FailureHandlingUpdateRequest, Growth, RetryStrategyCreateRequest, UpdateWebhookRequest,
)
from story import READY, client, done, until

api, tenant = client(socotra_client), uuid.UUID(READY["socotra_tenant"])
# Webhooks.
headers = CreateEndpointRequestHeaders.from_dict({"X-Api-Key": ["one", "two"]})
handling = FailureHandlingCreateRequest(
    alert_endpoint=CreateEndpointRequest("https://python.example/alerts"), divert=True, triggers=["4xx"],
    retry_strategy=RetryStrategyCreateRequest(Growth.LINEAR, 1, attempts=1),
)
new = CreateWebhookRequest(
    "Python", True, CreateEndpointRequest(READY["refusing_url"], headers=headers), ["python.story"], handling,
)
made = done(create_webhook, 200, tenant, client=api, body=new)
assert made.endpoint.headers["X-Api-Key"] == ["one", "two"] and made.endpoint.secret is None
assert made.failure_handling.retry_strategy.type_ is Growth.LINEAR and not made.suspended
webhook = [tenant, made.locator]
assert done(retrieve_webhook, 200, *webhook, client=api).to_dict() == made.to_dict()
assert done(list_webhooks, 200, tenant, client=api, name="Python")[0].locator == made.locator
page = done(list_webhooks, 200, tenant, client=api, extended=True, event_types=["python.story"])
assert page.list_completed and page.items[0].locator == made.locator
less = FailureHandlingUpdateRequest(remove_alert_endpoint=True, remove_retry_strategy=True)
changes = UpdateWebhookRequest(name="Python 2", failure_handling=less)
updated = done(update_webhook, 200, *webhook, client=api, body=changes)
assert updated.name == "Python 2" and updated.failure_handling.alert_endpoint is None
refused = done(update_webhook, 400, *webhook, client=api, body=UpdateWebhookRequest(name=" "))
assert [error.field for error in refused.errors] == ["name"]
done(unsuspend_webhook, 204, *webhook, client=api)
# Two events that the endpoint refuses.
events = client(events_client)


def publish(number):
    new = NewEvent("python.story", NewEventData.from_dict({"number": number}), request="python")
    return done(publish_event, 201, client=events, body=new).id


locators = [publish(1), publish(2)]
found = until(lambda: len(now := done(list_diverted_events, 200, *webhook, client=api)) == 2 and now)
assert [event.event_locator for event in found] == locators and found[0].failure_trigger == "400"
assert done(retrieve_diverted_event, 200, *webhook, locators[0], client=api).to_dict() == found[0].to_dict()
assert done(resend_diverted_event, 200, *webhook, locators[0], client=api).event_locator == locators[0]
until(lambda: len(done(list_diverted_events, 200, *webhook, client=api)) == 2)
assert done(delete_diverted_event, 200, *webhook, locators[0], client=api).request_locator == "python"
# The events themselves, page by page.
assert done(retrieve_event, 200, tenant, locators[0], client=api).data["number"] == 1
assert [event.locator for event in done(list_request_events, 200, tenant, "python", client=api)] == locators
first = done(list_events, 200, tenant, client=api, type_="python.story", page_size=1)
second = done(list_events, 200, tenant, client=api, paging_token=first.paging_token)
assert [event.locator for event in [*first.events, *second.events]] == locators and second.paging_token is None
done(delete_webhook, 204, *webhook, client=api)
assert done(retrieve_webhook, 404, *webhook, client=api).error_code == "NOT_FOUND"
