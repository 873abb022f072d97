"""Codes of poster places: five characters of Crockford base32, never reused.

Crockford's alphabet leaves out I, L, O and U; a reader's I and L are taken as 1 and O as 0.
Source: Douglas Crockford, "Base 32".
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 5
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A random code; there are 32^5 = 33,554,432 of them."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(code: str) -> str | None:
    """The code as it is stored, or None when it cannot be one."""
    code = code.strip().upper().translate(_LOOK_ALIKES)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None
