"""Random requests for tools/drf_differential.py, of the kinds in which servers disagree most: broken bodies, bytes in headers, pages,
odd paths, and all of that at once."""
import urllib.parse
from dataclasses import dataclass, field

from drf_samples import (BODIES, CONTENT_TYPES, FORMATS, INDENTATIONS, INDENTING_RANGES, LONG_ACCEPTS, MEDIA_RANGES, NOT_UTF8,
                         OTHER_RANGES, PAGE_SIZES, PAGES, PARAMETERS, SPECIAL_RANGES, STRAY_BYTES)
from drf_values import Values

LIST, ONE = "/api/v2/webhooks/", "/api/v2/webhooks/{webhook}/"
CONFIGURATIONS, CONFIGURATION = f"{ONE}configs/", f"{ONE}configs/{{configuration}}/"
ACTIVITIES = "/api/v2/projects/p1/activities/"
NO_IDS = ["0", "01", "-1", "abc", "1.0", "9" * 19, "9" * 25, "é", "1 ", "+1", "999999"]


@dataclass
class Exchange:
    """A request. Its path names objects as `{webhook}` and `{configuration}`, since each side has ids of its own."""
    method: str
    path: str
    body: bytes | None = None
    query: str = ""
    headers: list = field(default_factory=list)
    webhook: int | None = None
    configuration: int | None = None

    def header(self, name):
        """The values of a header."""
        return [value for key, value in self.headers if key.lower() == name]


class Generator(Values):
    """Makes requests. `tokens` are the super user's and the member's."""

    def __init__(self, seed, tokens):
        super().__init__(seed)
        self.tokens = [token.encode() for token in tokens]

    def exchange(self, webhooks, configurations):
        """The next one, for the webhooks that there are, and the configurations, each with its webhook's number."""
        webhook = self.pick(webhooks) if webhooks else None
        pair = self.pick(configurations) if configurations else (webhook, None)
        plain = self.random.choices([
            lambda: Exchange("POST", LIST, self.webhook()),
            lambda: Exchange("PATCH", ONE, self.webhook(), webhook=webhook),
            lambda: Exchange("POST", CONFIGURATIONS, self.configuration(), webhook=webhook),
            lambda: Exchange("PATCH", CONFIGURATION, self.configuration(), webhook=pair[0], configuration=pair[1]),
            lambda: Exchange("POST", ACTIVITIES, self.activity()),
            lambda: Exchange("GET", self.pick([LIST, LIST, CONFIGURATIONS]), query=self.query(), webhook=webhook),
            lambda: Exchange(self.pick(["GET", "DELETE", "HEAD"]), ONE, webhook=webhook),
            lambda: Exchange(self.pick(["GET", "DELETE", "HEAD"]), CONFIGURATION, webhook=pair[0], configuration=pair[1]),
            lambda: Exchange(self.pick(["PUT", "OPTIONS", "TRACE"]), self.pick([LIST, ONE, CONFIGURATIONS]), webhook=webhook),
            lambda: Exchange(self.pick(["PATCH", "DELETE", "HEAD"]), LIST),
        ], weights=[6, 4, 2, 1, 2, 3, 1, 1, 1, 0.3])[0]()
        return self.bent(plain)

    def bent(self, made):
        """Adds headers, and now and then a fault to what is otherwise well formed."""
        if made.body is not None and self.chance(0.2):
            made.body = self.broken(made.body)
        super_user, member = self.tokens
        right = b"Token " + (member if self.chance(0.02) else super_user)
        headers = {"Authorization": self.authorization(super_user) if self.chance(0.12) else right}
        if made.body is not None:
            headers["Content-Type"] = self.pick(CONTENT_TYPES) if self.chance(0.08) else b"application/json"
        if self.chance(0.12):
            headers["Accept"] = self.accept()
        if self.chance(0.03):
            headers.pop(self.pick(["Authorization", "Content-Type"]), None)
        made.headers = list(headers.items())
        if self.chance(0.01) and made.headers:
            made.headers.append((self.pick(made.headers)[0], self.pick([b"application/json", b"text/html", b"Token x"])))
        if self.chance(0.08) and made.path != ACTIVITIES:
            made.path = urllib.parse.quote(self.near(made.path), safe="/{}+%")
        if self.chance(0.02) and made.method == "GET":
            made.query = self.pick(FORMATS)
        return made

    def broken(self, body):
        """The body with a fault, or another."""
        at = self.random.randrange(len(body) + 1)
        start, end = body[:at], body[at:]
        return self.one_of(
            lambda: start,
            lambda: start + end[1:],
            lambda: start + self.pick(STRAY_BYTES) + end,
            lambda: start + self.pick(NOT_UTF8) + end,
            lambda: start + "é日😀".encode() + self.pick([b"", b'"', b"\xff", b"\x01"]) + end,
            lambda: self.pick([b"\xef\xbb\xbf", b"\xc2\xa0", b"\x0c", b"\x0b"]) + body,
            lambda: body + self.pick([b" ", b"\n\n", b"x", b"\x00", b"\xc2\xa0", b"}", b"null"]),
            lambda: self.pick(BODIES),
        )

    def query(self):
        parts = []
        for part, make in [
            (0.7, lambda: f"page={self.quoted(self.pick(PAGES))}"),
            (0.7, lambda: f"page_size={self.quoted(self.pick(PAGE_SIZES))}"),
            (0.3, lambda: self.pick(PARAMETERS)),
            (0.05, lambda: self.pick(FORMATS)),
        ]:
            if self.chance(part):
                parts.append(make())
        self.random.shuffle(parts)
        return urllib.parse.quote("&".join(parts), safe="%&=+~-._*!'()")

    def quoted(self, text):
        """The text in a query, spaces written in either way."""
        quote = self.pick([urllib.parse.quote, urllib.parse.quote_plus])
        return text if "%" in text else quote(text)

    def accept(self):
        some = [self.pick([*MEDIA_RANGES, *OTHER_RANGES, *OTHER_RANGES]) for _ in range(self.pick([1, 1, 1, 2, 3]))]
        return self.random.choices([
            lambda: self.pick([b", ", b",", b" ,\t", b",,"]).join(some),
            lambda: self.pick(INDENTING_RANGES) + self.pick(INDENTATIONS),
            lambda: self.pick(SPECIAL_RANGES),
            lambda: self.pick(LONG_ACCEPTS),
        ], weights=[12, 6, 2, 1])[0]()

    def authorization(self, key):
        scheme = self.pick([b"Token", b"Token", b"token", b"TOKEN", b"Bearer", b"bearer"])
        blank, quotes = "\u00a0".encode(), ["“".encode(), "”".encode()]
        tokens = [quotes[0] + key + quotes[1], b'"' + key + b'"', b"'" + key + b"'", key[:-1], key.upper(), b"nope", b"\xff",
                  b"\xff \xfe", b"\xf0\x9f\x91", b"\xed\xa0\x80"]
        return self.pick([
            *(scheme + between + key for between in [b" ", b"  ", b"\t", b"", blank, b" " + blank, b", ", b": "]),
            *(scheme + b" " + key + after for after in [b"\xe9", b"\xc3\xa9", b",", b" ", b" x"]),
            *(scheme + b" " + token for token in tokens),
            *(other + b" " + key for other in [b"Tokens", "Tökén".encode(), b"\xff", b"Basic", b""]),
            scheme, b"Basic YTpi", b"",
        ])

    def near(self, right):
        """A path near to the right one."""
        at = self.pick([index for index, char in enumerate(right) if char == "/"])
        return self.pick([
            right.rstrip("/"), right.rstrip("/"), f"/{right}", f"/x{right}", f"{right[:at]}/{right[at:]}", f"{right}/",
            f"{right}x/", f"{right}//", f"/api{right}", f"/api/v2{right}", right.replace("/api", "/./api"),
            right.replace("v2", "v3"), right.replace("webhooks", self.pick(["Webhooks", "webhook", "%77ebhooks"])),
            right.replace("api", "API"), "/", "/api/", "/api/v2/", right.replace("{webhook}", self.pick(NO_IDS)),
            right.replace("{webhook}", self.pick(NO_IDS)), right.replace("{configuration}", self.pick(NO_IDS)),
        ])
