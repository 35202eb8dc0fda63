#!/usr/bin/env python3
"""Tries a deployment as its first user would, and leaves nothing behind but one event.

usage: OUTHOOK_TOKEN=KEY OUTHOOK_SLACK_URL=URL tools/smoke.py ADDRESS [--allow-http]

ADDRESS is the stack's output ApiUrl, KEY a token with the permission super_user. Two messages go to the Slack URL. Both are
credentials, so that they come by the environment and are never shown. --allow-http is for the local stack.
"""
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

NOBODY = object()
WAIT_S = 90  # a lost wake costs a tick, which comes each minute


class Deployment:
    def __init__(self, address: str, token: str):
        self.address, self.token = address.rstrip("/"), token

    def call(self, method: str, path: str, body=None, token=None):
        """The status and the JSON of the answer."""
        token = token or self.token
        headers = {} if token is NOBODY else {"Authorization": f"Token {token}"}
        data = None if body is None else json.dumps(body).encode()
        if data:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.address + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as refusal:
            text = refusal.read()
            try:
                return refusal.code, json.loads(text or b"null")
            except ValueError:
                raise SystemExit(f"{method} {path}: {refusal.code} with a body that is no JSON") from None

    def expect(self, what: str, status: int, method: str, path: str, **more):
        """The JSON of an answer that must have this status."""
        got, body = self.call(method, path, **more)
        if got != status:
            raise SystemExit(f"FAILED: {what}: {method} {path} answered {got} instead of {status}: {json.dumps(body)}")
        print(f"ok: {what}")
        return body


def smoke(here: Deployment, slack_url: str) -> None:
    without = here.expect("a list of webhooks", 200, "GET", "/api/v2/webhooks")
    slashed = here.expect("the same with a trailing slash, as SD Elements' clients ask", 200, "GET", "/api/v2/webhooks/")
    if without["count"] != slashed["count"]:
        raise SystemExit("FAILED: the two forms of a path answer differently")
    here.expect("nobody is turned away", 401, "GET", "/api/v2/webhooks/", token=NOBODY)
    here.expect("so is a wrong key", 401, "GET", "/api/v2/webhooks/", token="oh_nobody_" + "x" * 43)
    here.expect("an unknown path is not found", 404, "GET", "/api/v2/nothing/")
    here.expect("a wrong method is refused", 405, "PUT", "/api/v2/webhooks/")
    made = here.expect("a webhook is made", 201, "POST", "/api/v2/webhooks/", body={"name": "smoke", "url": slack_url})
    webhook = f"/api/v2/webhooks/{made['id']}/"
    try:
        deliver(here, webhook)
    finally:
        here.expect("the webhook is deleted", 204, "DELETE", webhook)


def deliver(here: Deployment, webhook: str) -> None:
    attempt = here.expect("a test message is sent", 200, "POST", webhook + "test/")
    if attempt["status"] != 200:
        raise SystemExit(f"FAILED: Slack answered the test message with {attempt['status']}: {attempt['failure']}")
    configuration = {"event_source": "CreatedProjectActivity"}
    here.expect("it subscribes", 201, "POST", webhook + "configs/", body=configuration)
    activity = {"name": "CreatedProjectActivity", "data": {"project_desc": f"smoke {uuid.uuid4()}"}}
    event = here.expect("an activity is published", 201, "POST", "/api/v2/projects/1/activities/", body=activity)
    started = time.monotonic()
    while time.monotonic() - started < WAIT_S:
        status, delivery = here.call("GET", f"{webhook}deliveries/{event['id']}/")
        if status == 200 and delivery["state"] != "pending":
            break
        time.sleep(1)
    else:
        raise SystemExit(f"FAILED: the activity was not delivered within {WAIT_S} s: look at `cargo admin doctor`")
    if delivery["state"] != "delivered":
        raise SystemExit(f"FAILED: the activity was {delivery['state']}: {delivery['reason']}")
    print(f"ok: it is delivered, {time.monotonic() - started:.0f} s later")


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument != "--allow-http"]
    token, slack_url = os.environ.get("OUTHOOK_TOKEN"), os.environ.get("OUTHOOK_SLACK_URL")
    if len(arguments) != 1 or not token or not slack_url:
        raise SystemExit(__doc__)
    if not arguments[0].startswith("https://") and "--allow-http" not in sys.argv:
        raise SystemExit("the token would travel in the clear: ADDRESS must begin with https://")
    smoke(Deployment(arguments[0], token), slack_url)
    print("The deployment works.")


if __name__ == "__main__":
    main()
