"""The story of the operations API, through the generated client."""

import flip_client
import operations_client
from flip_client.api.webhooks import register_webhook
from flip_client.models import NewWebhook, NewWebhookSubscription
from operations_client.api.deliveries import list_deliveries
from operations_client.api.events import list_events
from operations_client.api.notifications import create_notification, delete_notification, update_notification
from operations_client.api.overview import retrieve_summary
from operations_client.api.webhooks import (
    list_webhooks, pause_webhook, retrieve_webhook, rotate_secret, test_webhook, unpause_webhook,
)
from operations_client.models import (
    CreateNotificationRequest, CreateNotificationRequestKind, RotateSecretRequest, UpdateNotificationRequest, WebhookState,
)
from story import client, done

flip, operations = client(flip_client), client(operations_client)
new = NewWebhook("https://python.example/operations", NewWebhookSubscription(["chat"]))
webhook = f"flip:{done(register_webhook, 201, client=flip, body=new).id}"
assert webhook in [item.id for item in done(list_webhooks, 200, client=operations, limit=100).items]
assert done(retrieve_webhook, 200, webhook, client=operations).queued == 0
assert done(pause_webhook, 200, webhook, client=operations).state is WebhookState.PAUSED
assert done(unpause_webhook, 200, webhook, client=operations).state is WebhookState.DELIVERING
tested = done(test_webhook, 200, webhook, client=operations)
assert tested.attempt.status == 200 and tested.request.endpoint.startswith("https://python.example/")
secret = done(rotate_secret, 200, webhook, client=operations, body=RotateSecretRequest(overlap_hours=1))
assert secret.signing_secret.startswith("whsec_")
assert done(list_deliveries, 200, webhook, client=operations).items == []
assert done(list_events, 200, client=operations, type_="nobody.publishes").items == []
assert done(retrieve_summary, 200, client=operations).states.delivering >= 1
target = CreateNotificationRequest(CreateNotificationRequestKind.WEBHOOK, "On call", "https://python.example/oncall")
target = done(create_notification, 201, client=operations, body=target)
changed = done(update_notification, 200, target.id, client=operations, body=UpdateNotificationRequest(name="The team"))
assert changed.name == "The team" and len(changed.event_types) == 5
done(delete_notification, 204, target.id, client=operations)
assert done(retrieve_webhook, 404, "flip:none", client=operations).title == "Not Found"
