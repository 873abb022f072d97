"""Taking out of a text what may point at a person or open a door: for logs and the audit log.

Known limit: a name looks like any other word. Code that reads police rows must not log their values.
"""

import re

GUARDED_KEYS = r"(?:token|secret|passw(?:or)?d|authori[sz]ation|cookie|api[_-]?key|pepper|sessionid|csrf)"
GONE = "[redacted]"

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # headers: everything up to the end of the line
    (
        re.compile(r"(?im)\b((?:proxy-)?authori[sz]ation|(?:set-)?cookie)(['\"]?\s*[:=]\s*)[^\r\n]+"),
        rf"\1\2{GONE}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {GONE}"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*"), GONE),  # JSON web tokens
    (re.compile(r"\bgAAAA[\w-]{40,}={0,2}"), GONE),  # Fernet
    # key=value, "key": "value", 'key': 'value'
    (
        re.compile(rf"(?i)([\w-]*{GUARDED_KEYS}[\w-]*['\"]?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&)}}\]]+)"),
        rf"\1{GONE}",
    ),
    (re.compile(r"(?i)([?&](?:code|sig|signature|key)=)[^&\s\"']+"), rf"\1{GONE}"),
    (re.compile(r"(/check-in/)[^/\s\"']{8,}"), rf"\1{GONE}"),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), f"://{GONE}@"),  # passwords in addresses of servers
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    # United Kingdom numbers, with or without +44, with spaces, dots, hyphens and brackets
    (
        re.compile(r"(?<![\w.+])(?:\+44|0044|\(?0)[\s().-]{0,2}(?:\(0\)\s?)?(?:\d[\s().-]{0,2}){8,9}\d(?![\w])"),
        "[phone]",
    ),
    # National Grid pairs and letters
    (re.compile(r"\b\d{6}(?:\.\d+)?\s*[,;/ ]\s*\d{6,7}(?:\.\d+)?\b"), "[grid]"),
    (re.compile(r"\b[HNST][A-HJ-Z]\s?\d{5}\s?\d{5}\b"), "[grid]"),
    (re.compile(r"(?i)\b((?:easting|northing)['\"]?\s*[=:]\s*['\"]?)\d{4,7}(?:\.\d+)?"), rf"\1{GONE}"),
    # degrees: two decimals are about a kilometre
    (re.compile(r"(?<![\w.])(-?\d{1,3}\.\d{2})\d{2,}(?![\w.]*\d)"), r"\1"),
    # what PostgreSQL quotes of a row that it refuses
    (re.compile(r"(?m)^(\s*DETAIL:).*$"), rf"\1 {GONE}"),
    (re.compile(r"(?i)(failing row contains|key) \(.*\)"), rf"\1 {GONE}"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\r\n]")


def redacted(text: str) -> str:
    """The text without secrets, e-mail addresses, telephone numbers and precise places; lines stay lines."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


def one_line(text: str) -> str:
    """The text on one line: line ends and control characters written out, so that no entry can be forged."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
