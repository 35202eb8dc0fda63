"""Random JSON for tools/drf_differential.py, as text: numbers, escapes, lone surrogates, white space, values of wrong types, and the
objects of the three resources."""
import json
import random
import struct

from drf_samples import (BLANKS, BOOLEAN_WORDS, ESCAPES, HOSTS, INTEGERS, LABELS, LAST_LABELS, NEARLY_BOOLEAN, NUMBERS,
                         ODD_CHARACTERS, PORTS, SCHEMES, SOURCE, SURROGATES, TAILS, USERS)


class Values:
    """Makes JSON texts. A seed always makes the same."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, items):
        return self.random.choice(items)

    def one_of(self, *makers):
        return self.pick(makers)()

    def chance(self, part):
        return self.random.random() < part

    # ------------------------------------------------------------------------------------------------------ values of any kind

    def number(self):
        sign, below = self.pick(["", "-"]), self.random.randrange
        digits = str(below(10 ** self.random.randint(1, 40)))
        return self.one_of(
            lambda: repr(self.random.uniform(-1000, 1000)),
            self.double,
            lambda: sign + digits,
            lambda: f"{sign}{digits}.{below(10 ** 18)}",
            lambda: f"{sign}{below(100)}{self.pick('eE')}{self.pick(['', '+', '-'])}{below(420)}",
            lambda: sign + "9" * self.pick([100, 140, 141, 309, 1000, 1001, 4299, 4300, 4301]),
            *[lambda: self.pick(NUMBERS)] * 3,
        )

    def double(self):
        """Any bits that are a finite number."""
        number = struct.unpack("<d", self.random.randbytes(8))[0]
        return repr(number) if number - number == 0 else "0.5"

    def character(self):
        """A character or an escape of a JSON string."""
        return self.one_of(
            *[lambda: self.pick("abcXYZ 019_-./:")] * 5,
            lambda: self.written(self.pick(BLANKS), escaped=self.chance(0.5)),
            lambda: self.pick(SURROGATES),
            lambda: self.pick(ESCAPES),
            *[lambda: self.written(self.pick(ODD_CHARACTERS), escaped=self.chance(0.3))] * 2,
        )

    def written(self, text, escaped):
        return json.dumps(text, ensure_ascii=escaped)[1:-1]

    def text(self, most=12):
        return '"' + "".join(self.character() for _ in range(self.random.randint(0, most))) + '"'

    def long(self, limit):
        """A text about as long as allowed, perhaps with white space round it and with what is not allowed in it."""
        letters = [self.pick(["n", "é", "日", "😀", "\\u00e9"])] * (limit + self.random.randint(-1, 1))
        if self.chance(0.5):
            letters.insert(self.random.randrange(len(letters) + 1), self.pick(["\\u0000", *SURROGATES]))
        blank = "".join(self.written(self.pick(BLANKS), escaped=True) for _ in range(self.random.randrange(3)))
        return '"' + blank + "".join(letters) + blank + '"'

    def nested(self, depth=0):
        kind = self.random.randrange(4 if depth < 4 else 2)
        count = self.random.randrange(4)
        if kind == 2:
            return "[" + self.pick([", ", ","]).join(self.nested(depth + 1) for _ in range(count)) + "]"
        if kind == 3:
            keys = [self.pick(['"a"', '"b"', self.text(3)]) for _ in range(count)]
            return "{" + ",".join(f"{key}: {self.nested(depth + 1)}" for key in keys) + "}"
        return self.pick([self.text(4), self.number(), "null", "true", "false"])

    def any(self):
        """A value of whatever type."""
        blank = self.pick(["null", '""', '" \\u2003"'])
        return self.one_of(self.number, self.text, self.nested, self.nested, self.boolean, lambda: blank)

    # -------------------------------------------------------------------------------------------------------- values of fields

    def boolean(self):
        blank = self.written(self.pick(["", "", *BLANKS]), escaped=False)
        return self.one_of(
            lambda: self.pick(["true", "false"]),
            lambda: f'"{blank}{self.pick(BOOLEAN_WORDS)}{blank}"',
            lambda: self.pick([*NEARLY_BOOLEAN, self.number()]),
        )

    def url(self):
        number = self.random.randrange(99)
        good = f"https://hooks.slack{self.pick(['', '-gov'])}.com/services/T{number}/B0/x-_{number}"
        blank = self.written(self.pick(BLANKS), escaped=True)
        longer = self.pick(["", "", "x" * (2048 - len(good) + self.random.randint(-2, 2))])
        return self.one_of(
            *[lambda: f'"{good}"'] * 4,
            lambda: f'"{blank}{good}{blank}"',
            lambda: f'"{good}{self.character()}{longer}"',
            self.any,
            *[self.strange_url] * 5,
        )

    def strange_url(self):
        name = ".".join(self.pick(LABELS) for _ in range(self.random.randint(1, 4)))
        host = self.pick([name, name, f"{name}.{self.pick(LAST_LABELS)}", self.pick(HOSTS), self.pick(HOSTS)])
        return f'"{self.pick(SCHEMES)}{self.pick(USERS)}{host}{self.pick(PORTS)}{self.pick(TAILS)}"'

    def integer(self):
        quoted = self.pick([self.pick(INTEGERS), self.pick(INTEGERS), self.number()])
        return self.one_of(lambda: str(self.random.randrange(10 ** 9)), lambda: f'"{quoted}"', self.number, self.any)

    # ----------------------------------------------------------------------------------------------------------------- objects

    def object(self, *fields):
        """An object of which each field (name, its chance, its maker) may be there; some are unknown, some come twice.

        Only `data` is always of its own kind: DRF writes anew what Outhook passes on as it came."""
        odd = lambda name: name != "data" and self.chance(0.15)
        pairs = [(name, self.any() if odd(name) else make()) for name, part, make in fields if self.chance(part)]
        if self.chance(0.2):
            unknown = ["id", "integration_type", "created", "x", "\\ud83d", "webhook", "na\\u006de", ""]
            pairs.append((self.pick(unknown), self.any()))
        if self.chance(0.1):
            pairs.extend((name, self.any()) for name, _ in pairs[:1] if name != "data")
        self.random.shuffle(pairs)
        blank = self.pick(["", "", " ", "\n", "\r\n\t"])
        members = [f'{blank}"{name}"{blank}: {value}{blank}' for name, value in pairs]
        return ("{" + f",{blank}".join(members) + "}").encode()

    def webhook(self):
        required = self.pick([0.6, 0.95])
        return self.object(
            ("name", required, lambda: self.one_of(self.text, self.text, self.number, lambda: self.long(140))),
            ("url", required, self.url),
            ("description", 0.4, lambda: self.one_of(self.text, self.number, lambda: self.long(1024), lambda: '""')),
            ("active", 0.5, self.boolean),
        )

    def configuration(self):
        near = [f'" {SOURCE}"', f'["{SOURCE}"]', '"Created\\u0050rojectActivity"', '["\\u0001"]']
        right = [lambda: f'"{SOURCE}"'] * 2
        source = lambda: self.one_of(*right, self.any, self.nested, self.text, lambda: self.pick(near))
        return self.object(("event_source", 0.8, source), ("active", 0.5, self.boolean))

    def activity(self):
        names = [f'"{SOURCE}"', f'" {SOURCE}\\n"', '"Activity"']
        word = lambda: self.one_of(self.text, self.number, lambda: self.long(100))
        data = lambda: self.pick(["{}", '{"project": 11}', "[]", "null", "true", '"\\ud83d"', "1e400", "0", '""'])
        return self.object(
            ("name", 0.9, lambda: self.one_of(*[lambda: self.pick(names)] * 3, word)),
            ("actor", 0.6, self.integer),
            ("text", 0.4, self.text),
            ("icon", 0.3, word),
            ("log_level", 0.3, word),
            ("data", 0.4, data),
        )
