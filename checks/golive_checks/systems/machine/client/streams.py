"""Streams of bytes: looked at before they are read, skipped, read to their end."""

from golive_checks.systems.machine.client.unpack import Stream

PIECE = 1_048_576
TAIL_BYTES = 4096


class Peekable:
    """A stream whose beginning can be seen before it is read."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._seen = b""

    def head(self, length: int) -> bytes:
        """Return the next bytes, and keep them; fewer only where the stream ends."""
        found = [self._seen]
        have = len(self._seen)
        try:
            while have < length and (more := self._stream.read(length - have)):
                found.append(more)
                have += len(more)
        finally:
            self._seen = b"".join(found)
        return self._seen[:length]

    def read(self, length: int, /) -> bytes:
        """Return the next bytes, `length` at most; none at the end."""
        if not self._seen:
            return self._stream.read(length)
        found, self._seen = self._seen[:length], self._seen[length:]
        return found

    def skip(self, length: int) -> int:
        """Pass over bytes, unread where the stream can do that; returns how many there were."""
        from_seen = min(length, len(self._seen))
        self._seen = self._seen[from_seen:]
        left = length - from_seen
        skip = getattr(self._stream, "skip", None)
        if left and skip:
            return from_seen + int(skip(left))
        while left and (piece := self._stream.read(min(left, PIECE))):
            left -= len(piece)
        return length - left


class StreamPart:
    """The next `length` bytes of a stream, as a stream."""

    def __init__(self, stream: Peekable, length: int) -> None:
        self.left = length
        self._stream = stream

    def read(self, length: int, /) -> bytes:
        """Return the next bytes, `length` at most; none at its end, or where the stream ends before."""
        found = self._stream.read(min(length, self.left))
        self.left -= len(found)
        return found


def exactly(stream: Stream, length: int) -> bytes:
    """Return the next `length` bytes; fewer where the stream ends."""
    found = stream.read(length)
    while len(found) < length and (more := stream.read(length - len(found))):
        found += more
    return found


def drained(stream: Stream) -> tuple[int, bytes]:
    """Read to the end: how many bytes there were, and the last of them."""
    size, tail = 0, b""
    while piece := stream.read(PIECE):
        size += len(piece)
        tail = (tail + piece)[-TAIL_BYTES:]
    return size, tail
