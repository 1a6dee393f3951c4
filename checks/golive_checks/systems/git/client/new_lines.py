"""What a version of a file has that no older one had: most of a history are the same lines again. Pure."""

from collections.abc import Iterator

AROUND = 3
"""Lines kept on either side of a new one: a name may stand above its value."""


class NewLines:
    """The lines of one file in all its versions, as they come."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()
        self._last = b""

    def pieces(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield what is new in the next version with the lines around it, each with the number of lines before it."""
        if b"\0" in data:  # UTF-16, whose lines do not end at a byte
            yield 0, data
            return
        first, last = self._changed(data)
        self._last = data
        skipped = data.count(b"\n", 0, first)
        lines = data[first:last].split(b"\n")
        new = set(lines) - self._known
        if not new:
            return
        self._known |= new
        start, end = 0, 0
        for at in [number for number, line in enumerate(lines) if line in new]:
            if at - AROUND > end:
                if end:
                    yield skipped + start, b"\n".join(lines[start:end])
                start = at - AROUND
            end = at + AROUND + 1
        yield skipped + start, b"\n".join(lines[start:end])

    def _changed(self, data: bytes) -> tuple[int, int]:
        """Return where the lines that differ from the last version's begin and end, with those around them.

        Only these are split: of a file of two thousand lines a commit changes a few.
        """
        same = _common(self._last, data)
        left = min(len(self._last), len(data)) - same
        first = same
        last = len(data) - _common_end(self._last, data, left)
        for _ in range(AROUND + 1):
            first = max(data.rfind(b"\n", 0, first), 0)
            last = data.find(b"\n", last + 1) if last < len(data) else last
            last = len(data) if last < 0 else last
        return (first + 1 if first else 0), last


def _common(one: bytes, other: bytes) -> int:
    """Return how many first bytes two texts share; halves are compared, for Python compares bytes one by one slowly."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: bytes, other: bytes, most: int) -> int:
    """Return how many last bytes two texts share, `most` at most."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
