"""What a vendor's API answers: JSON that is read by what the vendor documents, and never trusted to be it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from golive import Unavailable, shortened

TEXT_LIMIT = 500
TOKEN_LIMIT = 8000
CODE = re.compile(r"[A-Za-z_]{1,60}")


@dataclass(frozen=True)
class JsonPart:
    """A JSON object of a vendor's answer. What is not of the type that the vendor documents is a gap, no verdict."""

    vendor: str
    data: Mapping[str, Any] = field(repr=False)

    def text(self, key: str) -> str:
        """Return a text, cut where it is longer than any honest one; empty where it is null or not there."""
        return shortened(str(self._typed(key, str, "")), TEXT_LIMIT)

    def word(self, key: str) -> str:
        """Return a code such as `invalid_client`, which may be shown; empty for anything else."""
        found = self.data.get(key)
        return found if isinstance(found, str) and CODE.fullmatch(found) else ""

    def secret(self, key: str) -> str:
        """Return a token whole, never to be kept; empty where it is null or not there."""
        found = str(self._typed(key, str, ""))
        if len(found) > TOKEN_LIMIT or not (found.isascii() and found.isprintable()):
            raise self._odd(key)
        return found

    def flag(self, key: str) -> bool:
        """Return true or false; false where it is null or not there."""
        return bool(self._typed(key, bool, default=False))

    def stated_flag(self, key: str) -> bool:
        """Return true or false. It must be there: what a vendor does not say is not false."""
        if not isinstance(self.data.get(key), bool):
            raise self._odd(key)
        return bool(self.data[key])

    def whole(self, key: str) -> int:
        """Return a whole number; 0 where it is null or not there."""
        return int(self._typed(key, int, 0))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty where it is null or not there."""
        found = self._typed(key, list, [])
        if not all(isinstance(each, str) for each in found):
            raise self._odd(key)
        return tuple(shortened(each, TEXT_LIMIT) for each in found)

    def part(self, key: str) -> "JsonPart":
        """Return the object below a key; an empty one where it is null or not there."""
        return JsonPart(self.vendor, self._typed(key, dict, {}))

    def parts(self, key: str) -> list["JsonPart"]:
        """Return a list of objects. It must be there: a list that is missing is not an empty one."""
        found = self.data.get(key)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self._odd(key)
        return [JsonPart(self.vendor, each) for each in found]

    def _typed(self, key: str, of: type, default: Any) -> Any:
        found = self.data.get(key)
        if found is None:
            return default
        if not isinstance(found, of) or (of is int and isinstance(found, bool)):
            raise self._odd(key)
        return found

    def _odd(self, key: str) -> Unavailable:
        return Unavailable(f"{self.vendor} answers with JSON that is not as documented (at {key!r})")


@dataclass(frozen=True)
class VendorAnswer:
    """An API's answer: its status, its JSON object (an empty one where a failure has none), and its headers."""

    status: int
    body: JsonPart
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """True for 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3


def failed_at(said: VendorAnswer, what: str, vendor: str) -> Unavailable:
    """Return the gap for an answer that is neither a success nor a refusal that means something."""
    transient = said.status >= 500  # noqa: PLR2004 - the server's own failure
    return Unavailable(f"{vendor} answers {said.status} when asked for {what}", transient=transient)
