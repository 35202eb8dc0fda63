"""Every page, in every state that looks different, looked at in each appearance."""
from browser import DESK, PHONE, Browser
from world import World

# With these a visitor sees all buttons, and may make webhooks of every API.
ALL = ("operations:read", "operations:write", "events:write", "super_user", "WEBHOOK_MANAGEMENT", "webhooks:read", "webhooks:list",
       "webhooks:write")


def survey(browser: Browser, world: World) -> None:
    """Looks at the console of an empty organization, then at one in which much goes wrong."""
    with browser.visitor("pages") as visitor:
        visitor.open_closed("/console")
        visitor.look("before entering")
        visitor.open("/console/enter")
        visitor.look("the form for a key", ["light"], [PHONE])
        link = world.link(*ALL)
        visitor.enter(link)
        for path in ["/console", "/console/webhooks", "/console/events", "/console/notifications"]:
            visitor.open(path)
            visitor.look("empty")
        visitor.open("/console/webhooks/new")
        visitor.look("a new webhook")
        visitor.open("/console/nothing", 404)
        visitor.look("nothing is there")
        for path, state in life(world):
            visitor.open(path)
            visitor.look(state)
        forms(visitor, world)
        ended(browser, visitor)
        visitor.open(link.removeprefix(browser.gateway), 401)
        visitor.look("a link that was used", ["light"], [PHONE])


def forms(visitor, world: World) -> None:
    """Looks at what forms show: pages that have no address of their own."""
    page = visitor.page
    signed, path = world.signed("order.sent")
    world.endpoint(path, 400, "no")
    event = world.publish("order.sent")[0]
    world.deliveries(signed, "diverted", 1)
    hook = f"/console/webhooks/{signed}"

    def press(address: str, label: str, state: str) -> None:
        visitor.open(address)
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name=label, exact=True).click()
        visitor.look(state)

    press(hook, "Send a test", "a test that failed")
    press(hook, "Pause", "just paused")
    press(f"{hook}/rotate-secret", "Rotate", "rotated")
    press("/console/notifications", "Create", "a target with errors")
    for api in ["sdelements", "flip", "akinon", "socotra"]:
        press(f"/console/webhooks/new?api={api}", "Create", f"{api}: errors")
        page.get_by_label("URL of the endpoint").fill("https://hooks.slack.com/services/T00000000/B77777777/console")
        page.get_by_role("checkbox").first.check()
        with page.expect_navigation():
            page.get_by_role("button", name="Preview", exact=True).click()
        visitor.look(f"{api}: a preview")
    visitor.open(f"{hook}/deliveries/{event}")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.locator("dialog[open]").wait_for()
    visitor.look("a dialog that asks")
    visitor.empty_the_script()
    press(f"{hook}/deliveries/{event}", "Delete", "a page that asks")
    for address in ["/console", hook, f"{hook}/deliveries/{event}"]:
        visitor.open(address)
        visitor.look("without its script")


def life(world: World) -> list:
    """Makes one webhook in each state, deliveries in each state, and targets; returns the pages that show them."""
    healthy, _ = world.slack("Security team")
    # Its name is as long as names may be, and holds what HTML might take for its own.
    failing, failing_path = world.slack("<b>&amp; " + ("averyveryverylongwordwithoutanyspace" * 4)[:130])
    gone, gone_path = world.slack("Old channel")
    paused, _ = world.slack("Night shift")
    inactive, _ = world.slack("Trial")
    signed, signed_path = world.signed("order.placed")
    world.endpoint(failing_path, 503, "try later")
    world.endpoint(gone_path, 404, "no_service")
    world.endpoint(signed_path, 400, "unknown field: amount " + "x" * 400)
    world.ask("POST", f"/operations/webhooks/{paused}/pause")
    world.ask("PATCH", f"/api/v2/webhooks/{inactive.partition(':')[2]}/", {"active": False})
    target = world.target("On call")
    pager = {"kind": "webhook", "name": "Pager", "url": "https://pager.example/in", "event_types": ["outhook.webhook.suspended"]}
    world.ask("POST", "/operations/notifications", pager)
    world.activities(5)
    diverted = world.publish("order.placed", 2)[0]
    world.deliveries(signed, "diverted", 2)
    world.in_state(gone, "suspended")
    world.in_state(failing, "retrying")
    delivered = world.deliveries(healthy, "delivered", 5)[0]
    waiting = world.deliveries(gone, "pending", 5)
    attempted = world.deliveries(failing, "pending", 5)[-1]
    # Two pages of events.
    world.publish("nobody.listens", 20)
    return [
        ("/console", "in trouble"),
        ("/console/webhooks", "all states"),
        ("/console/webhooks?q=nothing-matches", "nothing found"),
        (f"/console/webhooks/{healthy}", "delivering"),
        (f"/console/webhooks/{failing}", "retrying"),
        (f"/console/webhooks/{gone}", "suspended"),
        (f"/console/webhooks/{paused}", "paused"),
        (f"/console/webhooks/{inactive}", "inactive"),
        (f"/console/webhooks/{signed}?state=diverted", "diverted deliveries"),
        (f"/console/webhooks/{signed}/rotate-secret", "before rotating"),
        (f"/console/webhooks/{signed}/resend?state=diverted", "counted"),
        (f"/console/webhooks/{healthy}/deliveries/{delivered}", "delivered to Slack"),
        (f"/console/webhooks/{failing}/deliveries/{attempted}", "being retried"),
        (f"/console/webhooks/{gone}/deliveries/{waiting[0]}", "not attempted yet"),
        (f"/console/webhooks/{signed}/deliveries/{diverted}", "diverted"),
        ("/console/events", "with events"),
        (f"/console/events/{diverted}", "where it went"),
        (f"/console/events/{delivered}", "an activity"),
        ("/console/notifications", "with targets"),
        (f"/console/notifications/{target}", "a target"),
    ]


def ended(browser: Browser, visitor) -> None:
    """The session ends in another tab; the page that is asked for then says so."""
    cookies = visitor.page.context.cookies()
    visitor.page.get_by_role("button", name="Leave", exact=True).click()
    visitor.page.wait_for_url("**/console/enter**")
    visitor.look("after leaving", ["light"], [DESK])
    visitor.page.context.add_cookies(cookies)
    visitor.open_closed("/console")
    visitor.look("the session has ended")
