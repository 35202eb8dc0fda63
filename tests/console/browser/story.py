"""The story: a webhook breaks, I find out why, put it right, and resend what was set aside. It is played in several ways."""
from browser import PHONE, Browser
from hands import Keyboard, Mouse
from support import Failed
from world import World


def by_mouse(browser: Browser, world: World) -> None:
    """With a mouse, in the dark, entering by the link that `cargo local` prints."""
    with browser.visitor("mouse", color_scheme="dark") as visitor:
        visitor.enter(world.ready["console_ticket"])
        play(Mouse(visitor), world)
        leave(Mouse(visitor))


def by_keyboard(browser: Browser, world: World) -> None:
    """With a keyboard alone, entering with a key."""
    with browser.visitor("keyboard", color_scheme="light") as visitor:
        hand = Keyboard(visitor)
        enter_with_key(hand, world)
        skip(hand)
        play(hand, world)
        leave(hand)


def without_script(browser: Browser, world: World) -> None:
    """Without JavaScript, on a phone."""
    with browser.visitor("no-script", java_script_enabled=False, viewport=PHONE) as visitor:
        enter_with_key(Mouse(visitor), world)
        play(Mouse(visitor), world)
        leave(Mouse(visitor))


def enter_with_key(hand: Mouse, world: World) -> None:
    """Asks for a page, enters with a key, and is on that page. A wrong key is refused."""
    page = hand.page
    hand.visitor.open_closed("/console/webhooks?state=suspended")
    hand.fill("Key", "oh_wrong")
    hand.press("Enter")
    expect(page, "This key is not valid, or was revoked.")
    hand.fill("Key", world.key)
    hand.press("Enter")
    if not page.url.endswith("/console/webhooks?state=suspended"):
        raise Failed(f"after entering, the page is {page.url}")


def skip(hand: Keyboard) -> None:
    """The first Tab reaches the link that skips the menu."""
    hand.visitor.open("/console/webhooks")
    hand.page.keyboard.press("Tab")
    if hand.page.evaluate("() => document.activeElement.textContent") != "Skip to the content":
        hand.visitor.find("the first Tab does not reach the link that skips the menu")
    hand.page.keyboard.press("Enter")
    if hand.page.evaluate("() => document.activeElement.id") != "main":
        hand.visitor.find("skipping the menu does not move the focus")


def play(hand: Mouse, world: World) -> None:
    """The story with two webhooks of its own: one is suspended because its endpoint is gone, one diverts what its endpoint refuses."""
    name = hand.visitor.name
    gone(hand, world, f"Alerts for {name}")
    refused(hand, world, f"story.{name.replace('-', '_')}")


def gone(hand: Mouse, world: World, name: str) -> None:
    """The endpoint is gone: the overview says so, the delivery shows the reply, a test shows that it is back, and all is delivered."""
    page = hand.page
    webhook, path = world.slack(name)
    world.endpoint(path, 404, "no_service")
    world.activities(3)
    world.in_state(webhook, "suspended")

    hand.visitor.open("/console")
    hand.follow(name)
    expect(page, "The system has stopped delivery after failures.")
    expect(page, "404")
    oldest = world.deliveries(webhook, "pending", 3)[-1]
    hand.follow(f"CreatedProjectActivity {oldest[18:]}")
    expect(page, "HTTP 404")
    expect(page, "no_service")
    hand.follow(name)

    hand.press("Send a test")
    expect(page, "HTTP 404")
    world.endpoint(path, 200)
    hand.press("Send another")
    expect(page, "HTTP 200")
    hand.follow("Back to the webhook")
    hand.press("Resume")
    expect(page, "Resumed. The next attempt is being made.")
    world.deliveries(webhook, "delivered", 3)
    page.reload()
    expect(page, "Events are delivered as they come.")
    world.ask("DELETE", f"/api/v2/webhooks/{webhook.partition(':')[2]}/")


def refused(hand: Mouse, world: World, event_type: str) -> None:
    """The endpoint refuses some events: one is resent alone, one is deleted, and the others are counted and resent together."""
    page = hand.page
    webhook, path = world.signed(event_type)
    world.endpoint(path, 400, "unknown field: amount")
    events = world.publish(event_type, 4)
    world.deliveries(webhook, "diverted", 4)
    world.endpoint(path, 200)

    hand.visitor.open("/console")
    hand.fill("The event's id, as the reply to POST /events gave it", events[0])
    hand.press("Find")
    hand.follow(webhook)
    expect(page, "unknown field: amount")
    hand.press("Resend")
    expect(page, "The delivery is queued again.")
    world.deliveries(webhook, "delivered", 1)

    hand.visitor.open(f"/console/webhooks/{webhook}/deliveries/{events[1]}")
    delete(hand)

    hand.visitor.open(f"/console/webhooks/{webhook}")
    hand.follow("Resend many")
    hand.press("Count")
    expect(page, "2 deliveries match.")
    hand.press("Resend them")
    expect(page, "The deliveries are being queued again, oldest first.")
    world.deliveries(webhook, "delivered", 3)
    arrived = [message["headers"]["webhook-id"] for message in world.messages(path) if message["status"] == 200]
    if sorted(arrived) != sorted([events[0], *events[2:]]):
        raise Failed(f"{arrived} arrived of {events}")


def delete(hand: Mouse) -> None:
    """Deletes what the page shows. A dialog asks before that; without the script, a page asks."""
    page = hand.page
    hand.touch("Delete")
    page.get_by_text("This cannot be undone.").wait_for()
    dialog = page.locator("dialog[open]")
    hand.press("Delete", within=dialog if dialog.count() else page)
    expect(page, "Deleted.")


def leave(hand: Mouse) -> None:
    """Ends the session. The page that was open shows nothing any more."""
    shown = "/console/webhooks"
    hand.visitor.open(shown)
    hand.press("Leave")
    expect(hand.page, "You have left. The session has ended.")
    hand.visitor.open_closed(shown)


def as_reader(browser: Browser, world: World) -> None:
    """Somebody who may only look sees no button that changes something."""
    webhook, _ = world.slack("Alerts for readers")
    with browser.visitor("member") as visitor:
        visitor.enter(world.link("operations:read"))
        hook = f"/console/webhooks/{webhook}"
        for path in ["/console", "/console/webhooks", hook, "/console/events", "/console/notifications", "/console/webhooks/new"]:
            visitor.open(path)
            shown = [form.get_attribute("action") for form in visitor.page.locator("form[method=post]").all()]
            if shown != ["/console/leave"]:
                visitor.find(f"forms for somebody who may only look: {shown}")
        target = world.target("Readers")
        for path in [f"{hook}/rotate-secret", f"{hook}/resend", f"/console/notifications/{target}"]:
            visitor.open(path, 403)


def expect(page, text: str) -> None:
    """The page shows the text."""
    found = page.get_by_text(text).filter(visible=True)
    if found.count() == 0:
        raise Failed(f"{page.url} does not show {text!r}, but:\n{page.locator('main').inner_text()[:1500]}")
