"""Creates what schemathesis needs on a local stack: an SD Elements delivery, and a Socotra webhook with a diverted event."""

import time

from support import call

SECONDS = 60


def seed(ready):
    """Creates them and returns their ids under the environment variables that schemathesis.toml reads."""
    seeds = Seeds(ready)
    return seeds.delivery() | seeds.diverted()


class Seeds:
    def __init__(self, ready):
        self.ready = ready

    def ask(self, method, path, body=None, base="gateway"):
        return call(method, self.ready[base] + path, self.ready["tokens"]["super_user"], body)

    def until(self, path, wanted):
        """Repeats the request until `wanted` returns something for its reply, and returns that."""
        deadline = time.monotonic() + SECONDS
        while not (found := wanted(self.ask("GET", path))):
            if time.monotonic() > deadline:
                raise SystemExit(f"timed out waiting for {path}")
            time.sleep(0.1)
        return found

    def delivery(self):
        """Creates a webhook whose messages Slack refuses, and a delivery that is diverted because of it."""
        path = "/services/T00000000/B00000000/REFUSED"
        self.ask("PUT", f"/behaviour{path}", {"status": 400, "body": "invalid_payload"}, "slack")
        webhook = self.ask("POST", "/api/v2/webhooks/", {"name": "Refused", "url": f"https://hooks.slack.com{path}"})
        deliveries = f"/api/v2/webhooks/{webhook['id']}/deliveries/"
        self.ask("POST", f"/api/v2/webhooks/{webhook['id']}/configs/", {"event_source": "CreatedProjectActivity"})
        self.ask("POST", "/api/v2/projects/11/activities/", {"name": "CreatedProjectActivity"})
        found = self.until(f"{deliveries}?state=diverted", lambda page: page["results"])
        seeded = {"OUTHOOK_SDELEMENTS_WEBHOOK": str(webhook["id"]), "OUTHOOK_DELIVERY": found[0]["id"]}
        # The operations API names both by ids of its own.
        seeded["OUTHOOK_OPERATIONS_WEBHOOK"] = f"sdelements:{webhook['id']}"
        return seeded | {"OUTHOOK_OPERATIONS_EVENT": found[0]["id"]}

    def diverted(self):
        """Creates a webhook whose endpoint refuses everything, and an event that is diverted because of it."""
        self.ask("PUT", "/behaviour/refused.example/hook", {"status": 400}, "slack")
        webhooks = f"/event/{self.ready['socotra_tenant']}/webhooks"
        webhook = self.ask("POST", webhooks, {
            "name": "Refused", "enabled": True, "eventTypes": ["policy.status.update"],
            "endpoint": {"url": "https://refused.example/hook"}, "failureHandling": {"divert": True},
        })
        self.ask("POST", "/events", {"type": "policy.status.update", "request": "refused", "data": {"n": 1}})
        found = self.until(f"{webhooks}/{webhook['locator']}/diverted", lambda diverted: diverted)
        return {"OUTHOOK_SOCOTRA_WEBHOOK": webhook["locator"], "OUTHOOK_EVENT": found[0]["eventLocator"]}
