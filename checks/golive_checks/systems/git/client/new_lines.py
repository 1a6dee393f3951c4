"""What a version of a file has that no older one had: most of a history are the same lines again. Pure."""

from collections.abc import Iterator

AROUND = 3
"""Lines kept on either side of a new one: a name may stand above its value."""


class NewLines:
    """The lines of one file in all its versions, as they come."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def pieces(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield what is new in the next version with the lines around it, each with the number of lines before it."""
        if b"\0" in data:  # UTF-16, whose lines do not end at a byte
            yield 0, data
            return
        lines = data.split(b"\n")
        new = set(lines) - self._known
        if not new:
            return
        self._known |= new
        start, end = 0, 0
        for at in [number for number, line in enumerate(lines) if line in new]:
            if at - AROUND > end:
                if end:
                    yield start, b"\n".join(lines[start:end])
                start = at - AROUND
            end = at + AROUND + 1
        yield start, b"\n".join(lines[start:end])
