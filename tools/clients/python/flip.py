"""The story of Flip's API, through the generated client."""

import flip_client
from flip_client.api.webhooks import (
    delete_webhook, list_webhooks, pause_webhook, register_webhook, retrieve_webhook, unpause_webhook,
)
from flip_client.models import ErrorCode, NewWebhook, NewWebhookSubscription, Problem, Status
from story import client, done

flip = client(flip_client)
new = NewWebhook("https://python.example/flip", NewWebhookSubscription(["chat.message", "hr"]))
made = done(register_webhook, 201, client=flip, body=new)
assert made.authentication.signing_secret.startswith("whsec_") and made.status is Status.ACTIVE
listed = done(list_webhooks, 200, client=flip, show_authentication=False)
assert [webhook.id for webhook in listed.webhooks] == [made.id]
shown = done(retrieve_webhook, 200, made.id, client=flip, show_authentication=True)
assert shown.authentication == made.authentication and shown.created_at == made.created_at
assert shown.subscription.event_types == ["chat.message", "hr"]
taken = done(register_webhook, 409, client=flip, body=new)
assert isinstance(taken, Problem) and taken.error_code is ErrorCode.DUPLICATE_URL
assert done(pause_webhook, 200, made.id, client=flip).status is Status.PAUSED
assert done(unpause_webhook, 200, made.id, client=flip).status is Status.ACTIVE
assert done(delete_webhook, 200, made.id, client=flip).id == made.id
assert done(retrieve_webhook, 404, made.id, client=flip).error_code is ErrorCode.WEBHOOK_NOT_FOUND
