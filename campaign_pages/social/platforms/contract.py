"""What the publisher asks of a platform. One file per platform answers it; none of them imports Django.

PREPARE is reversible and may be repeated. COMMIT is the one irreversible request: it is sent at most once per
fence, and its outcome is a value, never an exception. PROBE finds out what became of a commit whose reply was lost.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Account:
    """Where to publish: the account's number at the platform, its token, and the platform's address."""

    user_id: str
    token: str
    base_url: str


@dataclass(frozen=True)
class Message:
    """What to publish. `dispatch` travels inside the caption's link, so that a lost reply can be matched."""

    dispatch: str
    caption: str
    image_url: str
    alt_text: str = ""


@dataclass(frozen=True)
class Handle:
    """What PREPARE gave us; saved before anything else happens."""

    data: dict[str, Any]


@dataclass(frozen=True)
class Waiting:
    """PREPARE is not finished at the platform yet."""

    detail: str = ""


@dataclass(frozen=True)
class Ready:
    """The handle may be committed."""


@dataclass(frozen=True)
class AlreadyPublished:
    """The handle went live without our knowing: an earlier commit took effect late. Probe, never commit."""


@dataclass(frozen=True)
class Rejected:
    """Nothing was created. `retry`: prepare or try again later; otherwise it is final.

    `outage`: nothing is wrong with the post, the platform cannot be reached; tried until the post's time has passed.
    """

    reason: str
    retry: bool = False
    outage: bool = False
    prepare_again: bool = False


@dataclass(frozen=True)
class Committed:
    """The platform says that it is live."""

    platform_id: str
    permalink: str = ""


@dataclass(frozen=True)
class Unknown:
    """The reply was lost or ambiguous: it may be live. Probe, never send again."""

    reason: str


@dataclass(frozen=True)
class Live:
    platform_id: str
    permalink: str = ""


@dataclass(frozen=True)
class Absent:
    """The platform shows decisively that this handle was not published (so far)."""

    reason: str = ""


@dataclass(frozen=True)
class Undecided:
    reason: str = ""


@dataclass(frozen=True)
class Issue:
    """A limit of the platform that a message or its media breaks, in words for an officer."""

    field: str
    message: str


@dataclass(frozen=True)
class Picture:
    """Facts about an image, read from the file itself."""

    name: str
    format: str
    width: int
    height: int
    bytes: int


@dataclass(frozen=True)
class Metrics:
    """Figures under the platform's own names. None means not provided, which is not 0."""

    impressions: int | None = None
    reach: int | None = None
    raw: dict[str, Any] = field(default_factory=dict)


class Platform(Protocol):
    name: str

    def prepare(self, account: Account, message: Message) -> Handle | Rejected: ...

    def poll(self, account: Account, handle: Handle) -> Ready | Waiting | AlreadyPublished | Rejected: ...

    def commit(self, account: Account, handle: Handle, message: Message) -> Committed | Rejected | Unknown: ...

    def probe(
        self, account: Account, handle: Handle, message: Message, since: datetime
    ) -> Live | Absent | Undecided: ...

    def metrics(self, account: Account, platform_id: str) -> Metrics: ...

    def validate(self, caption: str, picture: Picture | None) -> list[Issue]: ...
