"""Makes the pictures of the documentation: the console's overview, and a digest as Slack shows it.

    python tools/pictures.py [--folder docs/pictures]

It needs Debian's `chromium`, and Playwright and Pillow from PyPI. It starts a local stack of its own.
"""
import argparse
import base64
import io
import json
import sys
import time
import urllib.request
from pathlib import Path

from support import Failed, ROOT, carry_out, local_stack, step

sys.path.insert(0, str(ROOT / "tests/console/browser"))

from browser import Browser  # noqa: E402
from PIL import Image  # noqa: E402
from world import World  # noqa: E402

MOST_BYTES = 200_000
ALL = ("operations:read", "operations:write", "events:write")
# Delivered, failed and diverted in each of the last 24 hours, the newest first.
DAY = [(64, 0, 0), (71, 12, 2), (58, 31, 6), (66, 4, 0), (52, 0, 0), (49, 0, 0), (45, 0, 0), (38, 0, 0), (21, 0, 0), (12, 0, 0), (9, 0, 0),
       (7, 0, 0), (5, 0, 0), (6, 0, 0), (8, 0, 0), (14, 0, 0), (23, 0, 0), (37, 3, 0), (55, 0, 0), (68, 0, 0), (74, 0, 1), (70, 0, 0),
       (66, 0, 0), (61, 0, 0)]


def remember_a_day(world: World, webhook: str) -> None:
    """Gives the webhook's queue the counts of a day, because nobody wants to wait for one. The form is that of
    shared/src/store/history.rs."""
    # The newest hour comes first.
    numbers = [int(time.time()) // 3600, *(count for hour in DAY for count in hour)]
    history = b"".join(map(seven_bits_to_the_byte, numbers))
    key = {"pk": {"S": f"{world.ready['organization']}#{webhook}"}, "sk": {"S": "QUEUE"}}
    change = {"UpdateExpression": "SET history = :history", "ConditionExpression": "attribute_exists(sk)",
              "ExpressionAttributeValues": {":history": {"B": encoded(history)}}}
    dynamodb(world, "UpdateItem", {"TableName": world.ready["deliveries_table"], "Key": key} | change)


def seven_bits_to_the_byte(number: int) -> bytes:
    """The number with the lowest bits first; the highest bit of a byte says that more follow."""
    more, low = divmod(number, 128)
    return bytes([low]) if more == 0 else bytes([low | 128]) + seven_bits_to_the_byte(more)


def encoded(value: bytes) -> str:
    """The bytes as DynamoDB's JSON has them."""
    return base64.b64encode(value).decode()


def dynamodb(world: World, action: str, body: dict):
    """Calls the embedded DynamoDB, which checks no signature."""
    signature = "AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
    headers = {"X-Amz-Target": f"DynamoDB_20120810.{action}", "X-Amz-Date": "20250101T000000Z", "Authorization": signature,
               "Content-Type": "application/x-amz-json-1.0"}
    with urllib.request.urlopen(urllib.request.Request(world.ready["dynamodb"], json.dumps(body).encode(), headers), timeout=30) as reply:
        return json.load(reply)


def life(world: World) -> tuple:
    """Makes webhooks as a team may have them, some of them in trouble. Returns the healthy one to Slack, and its path at the stand-in."""
    team, path = world.slack("Security team")
    old, old_path = world.slack("Old channel")
    billing, billing_path = world.signed("order.placed")
    world.endpoint(old_path, 404, "no_service")
    world.endpoint(billing_path, 400, "unknown field: amount")
    paused, _ = world.slack("Night shift")
    world.ask("POST", f"/operations/webhooks/{paused}/pause")
    world.publish("order.placed", 2)
    world.activities(1)
    world.deliveries(billing, "diverted", 2)
    world.in_state(old, "suspended")
    world.deliveries(team, "delivered", 1)
    remember_a_day(world, team)
    return team, path


def digest(browser: Browser, world: World, webhook: str, path: str) -> bytes:
    """A picture of the message that four events in a pause make together, as the stand-in for Slack shows it."""
    world.ask("POST", f"/operations/webhooks/{webhook}/pause")
    before = len(world.messages(path))
    for name, application in [("Phoenix", "Checkout"), ("Atlas", "Identity"), ("Beacon", "Website"), ("Ledger", "Payments")]:
        world.ask("POST", "/api/v2/projects/11/activities/", {
            "name": "CreatedProjectActivity", "actor": 1, "text": f"Ada Lovelace created project {name} in application {application}",
            "data": {"project": 11, "project_desc": name, "application": 5, "application_desc": application, "business_unit_desc": "Retail"}})
    world.deliveries(webhook, "pending", 4)
    world.ask("POST", f"/operations/webhooks/{webhook}/unpause")
    world.until("the digest", f"/operations/webhooks/{webhook}", lambda _: len(world.messages(path)) > before)
    page = browser.chromium.new_page(viewport={"width": 720, "height": 600})
    page.goto(world.ready["slack"])
    message = page.locator(".slack-message").filter(has_text="4 new projects")
    if message.count() == 0:
        raise Failed("the stand-in's page does not draw the digest")
    return message.first.screenshot()


def small(picture: bytes) -> bytes:
    """The picture with at most 64 colours, as PNG."""
    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def draw(cleanup, folder: Path, target: Path) -> None:
    """Starts a stack and a browser, and makes the pictures."""
    step("The local stack")
    world = World(local_stack(cleanup, folder, "127.0.0.1"))
    browser = cleanup.enter_context(Browser(world.ready["gateway"]))
    step("The pictures")
    team, path = life(world)
    pictures = {}
    with browser.visitor("pictures", viewport={"width": 1000, "height": 900}) as visitor:
        visitor.enter(world.link(*ALL))
        pictures["console.png"] = visitor.page.screenshot()
    pictures["digest.png"] = digest(browser, world, team, path)
    if browser.found:
        raise Failed("\n".join(browser.found))
    target.mkdir(parents=True, exist_ok=True)
    sizes = {name: (target / name).write_bytes(small(picture)) for name, picture in pictures.items()}
    if sum(sizes.values()) > MOST_BYTES:
        raise Failed(f"the pictures are too large: {sizes}")
    print(sizes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "docs/pictures")
    chosen = parser.parse_args().folder
    sys.exit(carry_out(lambda cleanup, folder: draw(cleanup, folder, chosen), f"the pictures are in {chosen}"))
