"""Chromium, and pages of it that are watched: whatever a page should not do is a finding."""
import contextlib
import os
import subprocess
import urllib.parse

from playwright.sync_api import Error, Page, sync_playwright

from support import TARGET

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
AXE = "axe-core@4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHOTS = TARGET / "console"
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1440, "height": 900}

# What is wider than the window, from the outside in.
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const out = [...document.querySelectorAll('body *')].filter(node => node.getBoundingClientRect().right > width + 1);
    return ['scrolls to ' + document.documentElement.scrollWidth].concat(out.slice(0, 4).map(node => node.outerHTML.slice(0, 120)));
}"""


class Browser:
    """Starts Chromium while a block runs, and collects findings."""

    def __init__(self, gateway: str) -> None:
        self.gateway, self.found, self.looks = gateway, [], 0
        self.axe = axe_source()
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        playwright = self.stack.enter_context(sync_playwright())
        # Chromium's sandbox cannot be used by root, which CI is.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        self.stack.callback(self.chromium.close)
        return self

    def __exit__(self, *_) -> None:
        self.stack.close()

    @contextlib.contextmanager
    def visitor(self, name: str, **options):
        """A person with a browser of their own: a page while a block runs. If the block fails, a picture of the page is kept."""
        context = self.chromium.new_context(base_url=self.gateway, **{"viewport": DESK} | options)
        context.set_default_timeout(15_000)
        page = context.new_page()
        visitor = Visitor(self, name, page)
        try:
            yield visitor
        except Exception:
            visitor.picture("failed")
            raise
        finally:
            context.close()


class Visitor:
    """A watched page."""

    def __init__(self, browser: Browser, name: str, page: Page) -> None:
        self.browser, self.name, self.page = browser, name, page
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.find(f"error in the script: {error}"))
        page.context.on("request", self._request)

    def find(self, what: str) -> None:
        """Notes a finding."""
        path = self.page.url.removeprefix(self.browser.gateway)
        self.browser.found.append(f"{self.name}, {path}: {what}")

    def _console(self, message) -> None:
        # Chromium reports it too when the page itself has the status of an error. `open` checks that.
        own = "Failed to load resource" in message.text and message.location.get("url", "").split("#")[0] == self.page.url.split("#")[0]
        if message.type in ("error", "warning") and not own:
            self.find(f"{message.type} in the browser's console: {message.text}")

    def _request(self, request) -> None:
        wanted, got = (urllib.parse.urlsplit(url) for url in (self.browser.gateway, request.url))
        if (got.scheme, got.netloc) != (wanted.scheme, wanted.netloc):
            self.find(f"asks another host: {request.url[:100]}")

    def enter(self, link: str) -> None:
        """Enters the console by a link."""
        self.page.goto(link)
        self.page.wait_for_url(f"{self.browser.gateway}/console")

    def open(self, path: str, status: int = 200) -> None:
        """Opens a page, which must have the status."""
        reply = self.page.goto(path)
        if reply.status != status:
            self.find(f"{path} replied {reply.status} instead of {status}")

    def open_closed(self, path: str) -> None:
        """Opens a page without a session: the form for a key must come instead."""
        self.open(path)
        if "/console/enter" not in self.page.url:
            self.find(f"{path} was shown without a session: {self.page.url}")

    def empty_the_script(self) -> None:
        """From now on pages get an empty script: axe can run, and yet the page is as it is without JavaScript."""
        self.page.route("**/assets/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))

    def look(self, state: str, schemes=("light", "dark"), sizes=(PHONE, DESK)) -> None:
        """Checks the page as it is, in each appearance, with everything unfolded."""
        page = self.page
        page.evaluate("() => document.querySelectorAll('details').forEach(part => part.open = true)")
        if not page.evaluate("() => !!window.axe"):
            page.evaluate(self.browser.axe)
        for size in sizes:
            page.set_viewport_size(size)
            for scheme in schemes:
                page.emulate_media(color_scheme=scheme)
                self._axe(f"{state}, {scheme}, {size['width']} px")
            self._width(f"{state}, {size['width']} px")
        # Between the two, at the width below which lists change, and zoomed: 200 % make a window of 1280 pixels 640 wide for the page.
        for width, what in [(740, "740 px"), (640, "zoomed to 200 %")]:
            page.set_viewport_size({"width": width, "height": 500})
            self._width(f"{state}, {what}")
        page.set_viewport_size({"width": 1280, "height": 900})
        self._letters(32)
        self._width(f"{state}, letters of 200 %")
        self._letters(16)
        page.set_viewport_size(DESK)

    def _letters(self, size: int) -> None:
        """Sets the size of letters, as a person does in the browser's settings."""
        self.page.context.new_cdp_session(self.page).send("Page.setFontSizes", {"fontSizes": {"standard": size, "fixed": size}})

    def _axe(self, state: str) -> None:
        self.browser.looks += 1
        # axe leaves out the rule of WCAG 2.2 unless it is asked for by name.
        rules = {"runOnly": {"type": "tag", "values": RULES}, "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
        for violation in self.page.evaluate("rules => axe.run(document, rules)", rules)["violations"]:
            for node in violation["nodes"][:3]:
                why = " ".join(node["failureSummary"].split())[:300]
                self.find(f"{state}: {violation['id']} at {' '.join(map(str, node['target']))}: {why}")

    def _width(self, state: str) -> None:
        if wide := self.page.evaluate(TOO_WIDE):
            self.find(f"{state}: {'; '.join(wide)}")

    def picture(self, what: str) -> None:
        """Keeps a picture of the page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(Error):
            self.page.screenshot(path=SHOTS / f"{self.name}-{what}.png", full_page=True)


def axe_source() -> str:
    """The text of axe-core, which npm gets once."""
    script = TARGET / AXE / "node_modules/axe-core/axe.min.js"
    if not script.is_file():
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix", TARGET / AXE, AXE]
        (TARGET / AXE).mkdir(parents=True, exist_ok=True)
        subprocess.run(command, check=True)
    return script.read_text()
