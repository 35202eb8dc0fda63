"""What the random requests of tools/drf_differential.py are made of. Names of lists say what they hold; JSON is text."""

GOOD_URL = "https://hooks.slack.com/services/T0/B0/X0"
SOURCE = "CreatedProjectActivity"

# White space of Python's str.strip, of which Rust's counts all but the first four.
BLANKS = [
    "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202f", "\u3000", " ",
    "\t", "\n", "\r", "\x0b",
]

# Not printable, not often printed, or quoted by Python.
ODD_CHARACTERS = [
    "\x00", "\x01", "\x7f", "\x80", "\x9f", "\xad", "\u0378", "\u061c", "\u200b", "\u200e", "\u2028", "\u2060",
    "\ue000", "\ufeff", "\ufffe", "\U000e0001", "\U000f0000", "\U0010ffff", "\u0301", "\u3000", "\xa0", "\u1680", "é",
    "日", "😀", "𐐀", "'", '"', "\\", "\t", "\n", "\r", "İ", "ſ", "K",
]

# Escapes of halves of characters, and of whole ones.
SURROGATES = [
    "\\ud800", "\\ud83d", "\\udbff", "\\udc00", "\\ude00", "\\udfff", "\\ud83d\\ude00", "\\uD83D\\uDE00",
    "\\ude00\\ud83d",
]

ESCAPES = [
    "\\n", "\\/", "\\\\", '\\"', "\\b", "\\f", "\\u0000", "\\u001f", "\\u00e9",
]

NUMBERS = [
    "0", "-0", "-0.0", "0e0", "0.0", "1", "1.0", "1e0", "2", "1e400", "-1e400", "1e-400", "5e-324", "1e16", "1e15",
    "123456789012345680.0", "1e22", "1e23", "0.0001", "0.00001", "9007199254740993", "18446744073709551616",
    "-9223372036854775809", "403.45000000000005", "1.7976931348623159e308", "2.2250738585072011e-308", "10.0",
    "100000.50", "1E+2", "7.0e0",
]

BOOLEAN_WORDS = [
    "true", "false", "True", "FALSE", "t", "f", "y", "n", "yes", "no", "on", "off", "1", "0", "null", "none", "",
    "T ", " 1", "2", "ON\\n",
]

NEARLY_BOOLEAN = [
    "0", "1", "0.0", "1.0", "-0", "-0.0", "1e0", "2", "10e-1", "null", '"null"', "[]", "[true]", "{}",
]

# What Python's int() might take, inside a JSON string.
INTEGERS = [
    "1", "1.0", " 1 ", "1.", ".0", "1.5", "+1", "-1", "-0", "1_0", "1__0", "_1", "1_", "00", "007", "0x1", "1e1", "",
    " ", "-", "+-1", "1 .0", "1.0 ", "\\u20031\\u001c", "9" * 20, "9" * 1000, "9" * 1001, "0" * 1001, "1.0\\n",
    "1.\\u0000", "inf", "NaN", "true", "1,0", "- 1", "1.00_0", "\u0663",
]

SCHEMES = [
    "https://", "https://", "http://", "HTTPS://", "ftp://", "ftps://", "httpſ://", "ws://", "https:/", "https:",
    "//", "", "://", "https://https://", "\\u0001https://",
]

USERS = [
    "", "", "", "", "u@", "u:p@", "u:@", ":p@", "@", "a?b@", "a#@", "a b@", "[x]@",
]

LABELS = [
    "a", "hooks", "x-y", "-a", "a-", "é", "日本", "xn--bcher-kva", "1", "", "a_b", "n" * 63, "n" * 64, "A", "slack",
    "com", "c", "K", "。", "1.2",
]

LAST_LABELS = [
    "com", "c", "xn--p1ai", "com.", "co1", "é", "éé", "-com",
]

HOSTS = [
    "localhost", "127.0.0.1", "1.2.3", "256.1.1.1", "01.2.3.4", "0.0.0.0", "[::1]", "[::ffff:1.2.3.4]", "[::1",
    "::1]", "[12345::]", "[fe80::1%25eth0]", "[v1.a]", "hooks.slack.com", "a℀.com", "a＃b.com",
]

PORTS = [
    "", "", "", ":1", ":443", ":99999", ":123456", ":", ":x", ":é",
]

TAILS = [
    "", "/", "/services/T/B/X", "?a", "#f", "/a b", "/\\u00a0", "/\\u0085", "/\\ud83d", "/\\u0000", "/é", "//",
    "\\\\", "/\\t", "\\n", "/[", "?é",
]

# What a body may be hurt with.
STRAY_BYTES = [
    b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"x", b"\x00", b"\n", b"\x01", b"NaN", b"-Infinity", b"\\u12",
    b"//",
]

# Bytes that are no UTF-8, some of them only because of what follows.
NOT_UTF8 = [
    b"\xff", b"\xc0\xaf", b"\x80", b"\xed\xa0\x80", b"\xf0\x9f\x91", b"\xf0\x9f", b"\xe6\x97", b"\xc3", b"\xf5",
    b"\xf4\x90\x80\x80", b"\xe0\x80", b"\xf0\x80\x80\x80", b"\xc3(", b"\xe6\x97(", b"\xf0\x9f\x91(",
]

# Bodies that are no object, or not JSON.
BODIES = [
    b"", b" ", b"\n", b"\xef\xbb\xbf", b"null", b"[]", b'"x"', b"1", b"1.5", b"true", b"-0", b"1e400", b"[1, 2",
    b"{} {}", b"{'a': 1}", b"\xff", b'"\xf0\x9f\x91"', b'"\xf0\x9f"', b'"\xe6\x97"', b"{\"name\": \"\xc3\"}", b"nul",
    b"tru", b"-", b"01", b"1.", b".5", b"+1", b"Infinity", b"[NaN]", b'"\\ud83d', b'"\\ud83d\\ude0"',
    b'"\\ud83d\\u00"', b'"\\ud83d\\', b'{"a" 1}', b'{"a":}', b"{a: 1}", b"[1 2]", b"[,]", b"{,}", b"\x00", b"[" * 100,
    b"[" * 100 + b"]" * 100, b'{"a":' * 60 + b"1" + b"}" * 60, b"1" * 200, b'{"a":1}\xe2\x80\xa8',
    b'{"x":' + b"[" * 200 + b"]" * 200 + b"}",
]

PAGES = [
    "1", "2", "3", "last", "Last", " last", "", "0", "-1", "+2", " 2 ", "\u20032", "2\x1c", "2.0", "1_0", "0_2", "02",
    "1e1", "x", "99999999999999999999", "-99999999999999999999", "%FF", "2%00", "0x2", "1 0", "9" * 4301,
    "0" * 4300 + "2", "\u0663",
]

PAGE_SIZES = [
    "1", "2", "5", "10", "100", "101", "99999999999999999999", "0", "-1", "", "x", " 7 ", "+7", "1_0", "007", "7.0",
    "1e1", "9" * 4301, "-99999999999999999999",
]

PARAMETERS = [
    "z=a+b%26%C3%BC", "z=1&z=2", "a", "=x", "name=1", "%ff=%fe", "q=~-._*!'()", "q=%E2%80%A8", "Z=1&a=2&_=3", "&&",
    "page=2", "page_size=3", "é=1", "x=%zz", "x=%", "p%61ge=2",
]

FORMATS = [
    "format=json", "format=", "format=xml", "format=api", "format=JSON", "format=json&format=",
]

# Ranges that include JSON, for Accept.
MEDIA_RANGES = [
    b"application/json", b"*/*", b"application/*", b"APPLICATION/JSON", b"application/json;q=0",
    b"application/json; charset=utf-8", b"*/*;q=0.8",
]

OTHER_RANGES = [
    b"text/html", b"*", b"application/xml", b"application/json\xe9", "application/json\xe9".encode(), "application/json\u00a0".encode(),
    "application/jsonà".encode(), b"json", b"application", b"*/json2", b"text/*", b"application/js", b"/", b";",
    b"application/ json", b"application /json", b"\"application/json\"", b";application/json",
    "“application/json”".encode(), b"application/json=1", b"a" * 257, b"/json", b"application/",
]

# Those that Outhook reads otherwise; see ALLOWED.
SPECIAL_RANGES = [
    b"", b" ", b"*/json", b"application/json\xa0", b"text/html, \xa0application/json",
]

INDENTING_RANGES = [
    b"application/json; indent=", b"*/*; indent=", b"application/json,*/*;indent=",
    b"text/html, application/*;INDENT=",
]

INDENTATIONS = [
    b"4", b"2", b"0", b"-1", b"9", b'"3"', b" 1 ", b"x", b"1_0", b"", b"99999999999999999999",
]

LONG_ACCEPTS = [
    b"text/html," * 70 + b"application/json", b"text/html," * 62 + b"application/json",
    b"x/" + b"y" * 300 + b",application/json", (b"x/" + b"y" * 200 + b",") * 45 + b"*/*",
]

CONTENT_TYPES = [
    b"", b"text/\xe9", b"application/json\xa0", b"application/json; charset=latin-1", b"*/json", b"application/json",
    b"APPLICATION/JSON", b"application/json; charset=utf-8", b" application/json ;x", b"application/*", b"*/*",
    b"text/plain", b"text/plain; charset=x", b"application/x-www-form-urlencoded", b"multipart/form-data",
    "text/é".encode(), "application/json\u00a0".encode(), b"application/json,text/html", b"application/jsonx",
    b"json", b"*", b"/", b"application/ json", b"application/json=1", b"application/json=1; a=b", b";",
    b"; application/json", b"application/vnd.api+json", b"a" * 257, b"application/json;" + b"a" * 257,
    b"application/json; a=\"b;c\"", b"\"application/json; x\"", b'application/json; charset=UTF-8',
]
