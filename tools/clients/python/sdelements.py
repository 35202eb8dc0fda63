"""The story of SD Elements' API, through the generated client."""

import sdelements_client
from sdelements_client.api.activities import list_activities, publish_activity
from sdelements_client.api.deliveries import (
    delete_delivery, list_deliveries, resend_deliveries, resend_delivery, retrieve_delivery,
)
from sdelements_client.api.delivery_state import (
    pause_webhook, retrieve_status, test_webhook, unpause_webhook, unsuspend_webhook,
)
from sdelements_client.api.event_configurations import (
    create_configuration, delete_configuration, list_configurations, retrieve_configuration, update_configuration,
)
from sdelements_client.api.webhooks import (
    create_webhook, delete_webhook, list_webhooks, retrieve_webhook, update_webhook,
)
from sdelements_client.models import (
    DeliveryState, EventConfigurationChanges, EventSource, NewActivity, NewActivityData, NewEventConfiguration,
    NewWebhook, ResendRequest, ResendRequestState, State, WebhookChanges,
)
from story import READY, client, done, until

api = client(sdelements_client)
# Webhooks and their event configurations.
made = done(create_webhook, 201, client=api, body=NewWebhook("Python", READY["refusing_slack_url"]))
assert made.integration_type == "slack" and made.active
assert done(list_webhooks, 200, client=api).results[-1].id == made.id
updated = done(update_webhook, 200, made.id, client=api, body=WebhookChanges(description="d"))
assert (updated.name, updated.description) == ("Python", "d")
assert done(retrieve_webhook, 200, made.id, client=api).to_dict() == updated.to_dict()
assert done(create_webhook, 400, client=api, body=NewWebhook("", "x"))["name"] == ["This field may not be blank."]
new = NewEventConfiguration(EventSource.CREATEDPROJECTACTIVITY)
configuration = done(create_configuration, 201, made.id, client=api, body=new)
one = [made.id, configuration.id]
assert done(retrieve_configuration, 200, *one, client=api).webhook == made.id
assert done(update_configuration, 200, *one, client=api, body=EventConfigurationChanges(active=True)).active
assert [each.id for each in done(list_configurations, 200, made.id, client=api).results] == [configuration.id]
assert done(list_configurations, 200, made.id, client=api, page_size=5).count == 1
# An activity that Slack refuses, and its delivery.
activity = NewActivity("CreatedProjectActivity", actor=1, data=NewActivityData.from_dict({"project_desc": "Apollo"}))
published = done(publish_activity, 201, 11, client=api, body=activity)
assert published.data == {"project_desc": "Apollo"} and published.actor == 1
assert done(list_activities, 200, 11, client=api, page_size=1).results[0].id == published.id


def diverted():
    return done(list_deliveries, 200, made.id, client=api, state=DeliveryState.DIVERTED).results


assert until(diverted)[0].id == published.id
delivery = [made.id, published.id]
shown = done(retrieve_delivery, 200, *delivery, client=api)
assert shown.attempts[-1].status == 400 and shown.finished is not None
assert done(resend_delivery, 202, *delivery, client=api).state is DeliveryState.PENDING
until(diverted)
assert done(resend_deliveries, 202, made.id, client=api, body=ResendRequest(ResendRequestState.DELIVERED)).requested
done(delete_delivery, 204, *delivery, client=api)
# Its state.
assert done(test_webhook, 200, made.id, client=api).status == 400
assert done(pause_webhook, 200, made.id, client=api).state is State.PAUSED
assert done(unpause_webhook, 200, made.id, client=api).state is State.ACTIVE
assert done(unsuspend_webhook, 200, made.id, client=api).since is None
status = done(retrieve_status, 200, made.id, client=api)
assert (status.queued, status.more_queued) == (0, False)
done(delete_configuration, 204, *one, client=api)
done(delete_webhook, 204, made.id, client=api)
assert done(retrieve_webhook, 404, made.id, client=api).detail == "Not found."
