#!/usr/bin/env python3
"""Compares Outhook's SD Elements API with a Django REST Framework application (tools/drf), request by request.

usage: tools/drf_differential.py [--seed N] [--count N]    (with the Python of an environment that has tools/drf/requirements.txt)

It starts both, sends the same random requests to both, and compares status, headers and the whole body. What differs must be in
the list `ALLOWED`, in which each entry says why Outhook differs; docs/compatibility.md has the same list for readers. It prints any
other difference and fails. A seed always gives the same requests. It needs Rust, because it starts `cargo local`.
"""
import argparse
import http.client
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drf_exchanges import ACTIVITIES, CONFIGURATION, LIST, ONE, Exchange, Generator
from drf_samples import GOOD_URL
from support import ROOT, Failed, carry_out, local_stack, running, step, until

COUNT, SEED = 1500, 18
# Enough for three pages of 20.
FIRST_WEBHOOKS, MOST_WEBHOOKS = 45, 70


@dataclass
class Reply:
    status: int
    headers: dict
    body: str


class Side:
    """One of the two servers: a connection, and the ids under which it knows the objects."""

    def __init__(self, address):
        self.address, self.connection = address, http.client.HTTPConnection(address, timeout=60)
        self.webhooks, self.configurations = {}, {}

    def send(self, exchange):
        path = exchange.path.replace("{webhook}", str(self.webhooks.get(exchange.webhook, "0")))
        path = path.replace("{configuration}", str(self.configurations.get(exchange.configuration, "0")))
        target = path + (f"?{exchange.query}" if exchange.query else "")
        self.connection.putrequest(exchange.method, target, skip_accept_encoding=True)
        for name, value in exchange.headers:
            self.connection.putheader(name, value)
        if exchange.body is not None:
            self.connection.putheader("Content-Length", str(len(exchange.body)))
        self.connection.endheaders(exchange.body)
        reply = self.connection.getresponse()
        return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read().decode())

    def comparable(self, exchange, reply):
        """What is compared of a reply, without what must differ: ids, moments, the server's address."""
        body = reply.body.replace(f"http://{self.address}/", "http://here/")
        body = re.sub(r'("id": ?)"[0-9A-Z]{26}"', r'\1"#"', body)
        body = re.sub(r'("(?:created|updated|date)": ?)"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z"', r'\1"[moment]"', body)
        own = self.configurations if "configs" in exchange.path else self.webhooks
        for name, known in [("id", own), ("webhook", self.webhooks)]:
            numbers = {str(identity): number for number, identity in known.items()}
            body = re.sub(rf'("{name}": ?)(\d+)', lambda found: f'{found[1]}"#{numbers.get(found[2], found[2])}"', body)
        headers = {name: reply.headers.get(name) for name in ["content-type", "retry-after", "location"]}
        # API Gateway renames this one.
        headers["challenge"] = reply.headers.get("www-authenticate", reply.headers.get("x-amzn-remapped-www-authenticate"))
        # DRF lists the methods on every answer. On these they are what the caller wants to know.
        if reply.status == 405 or (exchange.method, reply.status) == ("OPTIONS", 200):
            headers["allow"] = reply.headers.get("allow")
        return reply.status, headers, body


# --------------------------------------------------------------------------------------------------------------- the allow-list

HEADERS = ["authorization", "accept", "content-type"]


def last(exchange, name):
    """The last value of a header, a character for each byte; "" where there is none."""
    return exchange.header(name)[-1].decode("latin-1") if exchange.header(name) else ""


def ends_within_a_character(body):
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def is_utf8(text):
    try:
        text.encode("latin-1").decode()
    except UnicodeDecodeError:
        return False
    return True


def charset(exchange):
    found = re.search(r"charset=([^;]*)", last(exchange, "content-type"), re.I)
    return found[1].strip().lower() if found else "utf-8"


@dataclass
class Allowed:
    """A difference that stays: what it is, why, and whether the difference between two replies to an exchange is that one."""
    name: str
    reason: str
    applies: Callable[[Exchange, Reply, Reply], bool]


ALLOWED = [
    Allowed("both slash forms", "API Gateway takes a path with and without its trailing slash for one resource",
            lambda exchange, theirs, ours: not exchange.path.endswith("/") and theirs.status == 404),
    Allowed("a missing Content-Type is JSON", "there is no other format, and small clients forget it",
            lambda exchange, theirs, ours: not last(exchange, "content-type").strip() and theirs.status == 415),
    Allowed("quoted tokens", "SD Elements' documents print the token in double quotes",
            lambda exchange, theirs, ours: '"' in last(exchange, "authorization") and theirs.status == 401),
    Allowed("the charset is ignored", "JSON is UTF-8 (RFC 8259)",
            lambda exchange, theirs, ours: charset(exchange) != "utf-8"),
    Allowed("integers above 4,300 digits", "Python refuses to read them, to protect itself; here they are as any other number",
            lambda exchange, theirs, ours: "Exceeds the limit (4300 digits)" in theirs.body),
    Allowed("an empty Accept", "it names nothing that would be refused: as if it were missing",
            lambda exchange, theirs, ours: theirs.status == 406 and not last(exchange, "accept").strip()),
    Allowed("*/json", "it is no media range (RFC 9110)",
            lambda exchange, theirs, ours: "*/json" in [last(exchange, "accept"), last(exchange, "content-type")]
            and ours.status in (406, 415)),
    Allowed("digits of other scripts", "a number in a query or a text is written with the digits 0 to 9",
            lambda exchange, theirs, ours: "%D9%A3" in exchange.query or "\u0663".encode() in (exchange.body or b"")),
    Allowed("an unfinished UTF-8 character", "DRF drops it silently from the end of a body; here it is refused",
            lambda exchange, theirs, ours: "unexpected end of data" in ours.body and ends_within_a_character(exchange.body)),
    Allowed("the last of repeated headers", "WSGI joins them with commas",
            lambda exchange, theirs, ours: any(len(exchange.header(name)) > 1 for name in HEADERS)),
    Allowed("one spelling of a path", "a path with a percent-encoded letter or digit is another path, for API Gateway too",
            lambda exchange, theirs, ours: re.search("%[3-7][0-9A-F]", exchange.path) and ours.status == 404),
    Allowed("bytes in a media type that are not UTF-8", "API Gateway hands headers over as text, U+FFFD in place of such bytes",
            lambda exchange, theirs, ours: not (is_utf8(last(exchange, "accept")) and is_utf8(last(exchange, "content-type")))),
    Allowed("nesting above 127 levels", "what recurses needs a limit; this is the usual one of JSON parsers",
            lambda exchange, theirs, ours: "nested more than 127 levels deep" in ours.body),
    Allowed("DRF's own failure", "a lone surrogate in the message about a choice breaks its renderer; here it becomes U+FFFD",
            lambda exchange, theirs, ours: theirs.status == 500 and ours.status == 400 and "\ufffd" in ours.body),
    Allowed("words of a newer Python", "since 3.13 it has another message for a trailing comma; 3.11 is followed",
            lambda exchange, theirs, ours: "Illegal trailing comma" in theirs.body),
]


def allowed(exchange, theirs, ours):
    return next((rule.name for rule in ALLOWED if rule.applies(exchange, theirs, ours)), None)


# --------------------------------------------------------------------------------------------------------------------- the run

class Comparison:
    """Both sides, with what is on them, and what was found. Objects have numbers by which both sides' ids are found."""

    def __init__(self, theirs, ours, token):
        self.theirs, self.ours, self.token = theirs, ours, token
        self.webhooks, self.configurations, self.made = [], [], 0
        self.counts, self.differences = Counter(), []

    def plain(self, method, path, body=None, **objects):
        """A request without any fault."""
        headers = [("Authorization", f"Token {self.token}".encode()), ("Content-Type", b"application/json")]
        return Exchange(method, path, None if body is None else json.dumps(body).encode(), headers=headers, **objects)

    def run(self, generator, count):
        for number in range(FIRST_WEBHOOKS):
            self.compare(self.plain("POST", LIST, {"name": f"webhook {number}", "url": GOOD_URL}))
        for _ in range(count - FIRST_WEBHOOKS):
            if len(self.webhooks) > MOST_WEBHOOKS:
                self.compare(self.plain("DELETE", ONE, webhook=self.webhooks[0]))
            else:
                self.compare(generator.exchange(self.webhooks, self.configurations))

    def compare(self, exchange):
        theirs, ours = self.theirs.send(exchange), self.ours.send(exchange)
        self.counts[f"status {theirs.status}"] += 1
        self.remember(exchange, theirs, ours)
        left, right = self.theirs.comparable(exchange, theirs), self.ours.comparable(exchange, ours)
        if left == right:
            return
        rule = allowed(exchange, theirs, ours)
        if rule:
            self.counts[f"allowed: {rule}"] += 1
        else:
            self.differences.append((exchange, left, right))
        self.repair(exchange, theirs, ours)

    def remember(self, exchange, theirs, ours):
        """Notes what both sides have made or deleted."""
        if (theirs.status, ours.status) == (201, 201) and exchange.path != ACTIVITIES:
            self.made += 1
            of_configurations = "configs" in exchange.path
            for side, reply in [(self.theirs, theirs), (self.ours, ours)]:
                known = side.configurations if of_configurations else side.webhooks
                known[self.made] = json.loads(reply.body)["id"]
            if of_configurations:
                self.configurations.append((exchange.webhook, self.made))
            else:
                self.webhooks.append(self.made)
        if (theirs.status, ours.status) == (204, 204):
            self.forget(exchange)

    def forget(self, exchange):
        if exchange.configuration:
            self.configurations.remove((exchange.webhook, exchange.configuration))
        else:
            self.webhooks.remove(exchange.webhook)
            self.configurations = [pair for pair in self.configurations if pair[0] != exchange.webhook]

    def repair(self, exchange, theirs, ours):
        """Makes both sides alike again where only one of them did what was asked."""
        named = {"webhook": exchange.webhook, "configuration": exchange.configuration}
        one = CONFIGURATION if exchange.configuration else ONE
        both = [(self.theirs, theirs), (self.ours, ours)]
        for (side, reply), (other, other_reply) in [both, reversed(both)]:
            if reply.status == 201 != other_reply.status and exchange.path != ACTIVITIES:
                made = f"{exchange.path.rstrip('/')}/{json.loads(reply.body)['id']}/"
                side.send(self.plain("DELETE", made, **named))
            if reply.status == 204 != other_reply.status:
                other.send(self.plain("DELETE", one, **named))
                self.forget(exchange)
        if exchange.method == "PATCH" and exchange.webhook:
            webhook = {"name": "repaired", "url": GOOD_URL, "description": "", "active": True}
            for side in (self.theirs, self.ours):
                side.send(self.plain("PATCH", one, {"active": True} if exchange.configuration else webhook, **named))


def shown(exchange, left, right):
    target = f"{exchange.method} {exchange.path}?{exchange.query:.200}"
    sent = f"{target} {exchange.headers}\n  {(exchange.body or b'')[:600]!r}"
    return f"{sent}\n  DRF     {str(left)[:900]}\n  Outhook {str(right)[:900]}"


def django(cleanup, folder: Path, tokens):
    """Starts the application and returns its address."""
    log = folder / "django.log"
    environment = {"PYTHONPATH": str(ROOT / "tools"), "PYTHONDONTWRITEBYTECODE": "1"}
    process = cleanup.enter_context(running([sys.executable, "-m", "drf", *tokens], log, **environment))
    port = until("Django", process, log, lambda: re.match(r"(\d+)\n", log.read_text()))
    return f"127.0.0.1:{port[1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args()

    def prove(cleanup, folder):
        step("starting the local stack")
        # A place for each function, so that none has to start again for every other request.
        ready = local_stack(cleanup, folder, "127.0.0.1", "--concurrency", "30")
        # Before the first request, since functions keep the limits that they have seen.
        limit = ["set-webhook-limit", ready["organization"], "sdelements", "1000000"]
        subprocess.run(["cargo", "admin", "--endpoint", ready["dynamodb"], *limit], cwd=ROOT, check=True)
        step("starting Django REST Framework")
        tokens = [ready["tokens"]["super_user"], ready["tokens"]["member"]]
        theirs, ours = Side(django(cleanup, folder, tokens)), Side(ready["gateway"].removeprefix("http://"))
        step(f"{options.count} exchanges of seed {options.seed}")
        comparison = Comparison(theirs, ours, tokens[0])
        comparison.run(Generator(options.seed, tokens), options.count)
        for name, times in sorted(comparison.counts.items()):
            print(f"{times:6} {name}")
        for difference in comparison.differences:
            print(shown(*difference).replace(tokens[0], "[token]"))
        step("done")
        if comparison.differences:
            raise Failed(f"{len(comparison.differences)} of {options.count} replies differ, see above (seed {options.seed})")

    return carry_out(prove, f"{options.count} exchanges: Outhook answers as Django REST Framework does")


if __name__ == "__main__":
    sys.exit(main())
