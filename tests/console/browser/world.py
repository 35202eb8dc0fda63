"""What there is to see: webhooks, endpoints that fail, events. All of it is made through the APIs, as a user would."""
import json
import secrets
import time
import urllib.request

from support import Failed, call

PATIENCE = 60


class World:
    """An organization on a local stack."""

    def __init__(self, ready: dict) -> None:
        self.ready = ready
        self.key = ready["tokens"]["super_user"]
        # Another number at each start, because a stack may be used again and some APIs take a URL only once.
        self.number = secrets.randbelow(1_000_000) * 100

    def ask(self, method: str, path: str, body=None):
        """Sends a request to the API and returns the reply."""
        return call(method, self.ready["gateway"] + path, self.key, body)

    def until(self, what: str, path: str, wanted):
        """Repeats the request until `wanted` returns something true for its reply, and returns that."""
        deadline = time.monotonic() + PATIENCE
        while not (found := wanted(reply := self.ask("GET", path))):
            if time.monotonic() > deadline:
                raise Failed(f"timed out: {what}\n{json.dumps(reply)[:2000]}")
            time.sleep(0.1)
        return found

    def link(self, *permissions: str) -> str:
        """A link that enters the console with these permissions."""
        return self.ask("POST", "/operations/portal", {"user": "browser", "permissions": list(permissions)})["url"]

    def endpoint(self, path: str, status: int, body: str = "") -> None:
        """Sets what the stand-in replies at the path; 200 is its normal reply."""
        method, behaviour = ("DELETE", None) if status == 200 else ("PUT", {"status": status, "body": body})
        call(method, f"{self.ready['slack']}/behaviour{path}", self.key, behaviour)

    def messages(self, path: str) -> list:
        """What arrived at the path of the stand-in."""
        with urllib.request.urlopen(f"{self.ready['slack']}/messages?path={path}", timeout=30) as reply:
            return json.load(reply)

    def slack(self, name: str) -> tuple:
        """Makes a webhook to Slack for activities; returns its id in the operations API and its path at the stand-in."""
        self.number += 1
        path = f"/services/T00000000/B{self.number:08}/console"
        webhook = self.ask("POST", "/api/v2/webhooks/", {"name": name, "url": f"https://hooks.slack.com{path}"})
        self.ask("POST", f"/api/v2/webhooks/{webhook['id']}/configs/", {"event_source": "CreatedProjectActivity"})
        return f"sdelements:{webhook['id']}", path

    def signed(self, event_type: str) -> tuple:
        """Makes a webhook of the Flip API for a type; returns its id in the operations API and its path at the stand-in."""
        self.number += 1
        path = f"/receiver.example/hook-{self.number}"
        body = {"url": f"https:/{path}", "subscription": {"event_types": [event_type]}}
        return f"flip:{self.ask('POST', '/api/webhooks/v4/webhooks', body)['id']}", path

    def target(self, name: str) -> str:
        """Makes a notification target in Slack; returns its id."""
        self.number += 1
        url = f"https://hooks.slack.com/services/T00000000/B{self.number:08}/console"
        return self.ask("POST", "/operations/notifications", {"kind": "slack", "name": name, "url": url})["id"]

    def activities(self, count: int) -> None:
        """Publishes activities of projects."""
        for _ in range(count):
            self.ask("POST", "/api/v2/projects/11/activities/", {"name": "CreatedProjectActivity"})

    def publish(self, event_type: str, count: int = 1) -> list:
        """Publishes events of a type; returns their ids."""
        bodies = [{"type": event_type, "data": {"text": f"Number {number} <&>", "amount": 1.50}} for number in range(count)]
        return [self.ask("POST", "/events", body)["id"] for body in bodies]

    def in_state(self, webhook: str, state: str) -> dict:
        """Waits until the webhook is in the state, and returns it."""
        return self.until(f"{webhook} is {state}", f"/operations/webhooks/{webhook}", lambda reply: reply["state"] == state and reply)

    def deliveries(self, webhook: str, state: str, count: int) -> list:
        """Waits until the webhook has as many deliveries in the state, and returns their ids, newest first."""
        def enough(reply):
            return len(reply["items"]) >= count and [delivery["id"] for delivery in reply["items"]]
        path = f"/operations/webhooks/{webhook}/deliveries?state={state}"
        return self.until(f"{count} deliveries of {webhook} are {state}", path, enough)
