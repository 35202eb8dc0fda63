"""The story of Akinon's API, through the generated client."""

import akinon_client
from akinon_client.api.webhooks import create_webhook, delete_webhook, list_webhooks, retrieve_webhook, update_webhook
from akinon_client.models import NewWebhook, NewWebhookHeaders, WebhookChanges
from story import READY, client, done

akinon = client(akinon_client)
project = [READY["akinon_organization"], "665f1c2ab7e9d0a1b2c3d4e5"]
headers = NewWebhookHeaders.from_dict({"X-Api-Key": "key"})
new = NewWebhook("Builds", "https://python.example/akinon", ["deployment.build.created"], headers=headers)
made = done(create_webhook, 201, *project, client=akinon, body=new)
assert made.signing_secret.startswith("whsec_") and made.active
assert [webhook.field_id for webhook in done(list_webhooks, 200, *project, client=akinon)] == [made.field_id]
webhook = [*project, made.field_id]
shown = done(retrieve_webhook, 200, *webhook, client=akinon)
assert shown.headers["X-Api-Key"] == "key" and shown.created_at == made.created_at
changes = WebhookChanges(name="Deployments", active=False)
updated = done(update_webhook, 200, *webhook, client=akinon, body=changes)
assert (updated.name, updated.active, updated.events) == ("Deployments", False, ["deployment.build.created"])
refused = done(update_webhook, 400, *webhook, client=akinon, body=WebhookChanges(url="http://python.example/"))
assert [error.field for error in refused.errors] == ["url"]
done(delete_webhook, 204, *webhook, client=akinon)
assert done(retrieve_webhook, 404, *webhook, client=akinon).status_code == 404
