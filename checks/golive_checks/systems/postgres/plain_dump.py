"""A plain dump on its way into psql: without owners, privileges and meta-commands, and seen to its end. Pure."""

import re

from golive_checks.systems.postgres.dump_format import END

ENTRY = re.compile(rb"-- (?:Data for )?Name: .*; Type: ([A-Z ]+); Schema: ")
"""The line that pg_dump writes over each entry (_printTocEntry in pg_backup_archiver.c)."""
LEFT_OUT = {
    b"ACL",
    b"DEFAULT ACL",
    b"EVENT TRIGGER",
    b"PUBLICATION",
    b"PUBLICATION TABLE",
    b"SUBSCRIPTION",
    b"SECURITY LABEL",
}
"""What pg_restore leaves out here: privileges, what only a superuser may make, and what would reach other servers."""
OWNER = re.compile(rb"ALTER [A-Z]+ (?>.*? OWNER TO ).*;\r?\n?")
RESTRICT = re.compile(rb"\\(?:un)?restrict [A-Za-z0-9]+\r?\n?")
COPY = re.compile(rb"COPY .* FROM stdin;\r?\n")
COPY_ENDS = b"\\.\n"
TAIL_BYTES = 4096


class PlainDump:
    r"""Takes a dump in pieces and returns what psql is to be given.

    It is no wall against hostile SQL: that is psql's own \\restrict with a key that the dump cannot know, under which
    psql obeys no meta-command. The dump's own \\restrict is left out for it.
    """

    def __init__(self) -> None:
        self.left_out: dict[str, int] = {}
        self.complete = self.ended = False
        self._rest = b""
        self._in_copy = self._skipping = False
        self._within_a_line = False

    def feed(self, piece: bytes) -> bytes:
        """Take the next piece."""
        data, at = self._rest + piece, 0
        kept: list[bytes] = []
        self._rest = b""
        while at < len(data):
            at = self._copy(data, at, kept) if self._in_copy else self._line(data, at, kept)
            if at < 0:
                break
        return b"".join(kept)

    def end(self) -> bytes:
        """Take the end of the dump, and return what is still to be given."""
        rest, self._rest, self.ended = self._rest, b"", True
        return rest if not self._drops(rest) else b""

    def _copy(self, data: bytes, at: int, kept: list[bytes]) -> int:
        """Pass rows of data on, up to the line that ends them."""
        if not self._within_a_line and data.startswith(COPY_ENDS, at):
            self._in_copy = False
            kept.append(COPY_ENDS)
            return at + len(COPY_ENDS)
        found = data.find(b"\n" + COPY_ENDS, at)
        if found >= 0:
            kept.append(data[at : found + 1])
            self._within_a_line = False
            return found + 1
        last = data.rfind(b"\n", at)
        if last < 0:
            # The mark that ends the rows may be cut in two by the end of a piece, so a short beginning of a line waits.
            if self._within_a_line or len(data) - at > TAIL_BYTES:
                kept.append(data[at:])
                self._within_a_line = True
            else:
                self._rest = data[at:]
        else:
            kept.append(data[at : last + 1])
            self._within_a_line = False
            self._rest = data[last + 1 :]
        return -1

    def _line(self, data: bytes, at: int, kept: list[bytes]) -> int:
        """Pass a line of SQL on, or leave it out."""
        ends = data.find(b"\n", at) + 1
        if not ends:
            self._rest = data[at:]
            return -1
        line = data[at:ends]
        if not self._drops(line):
            kept.append(line)
            self._in_copy = bool(COPY.fullmatch(line))
            self._within_a_line = False
        return ends

    def _drops(self, line: bytes) -> bool:
        if line.startswith(b"--"):
            entry = ENTRY.match(line)
            if entry:
                self._skipping = entry[1] in LEFT_OUT
                if self._skipping:
                    name = entry[1].decode().lower()
                    self.left_out[name] = self.left_out.get(name, 0) + 1
            elif line.startswith(END):
                self._skipping, self.complete = False, True
        elif line.strip():
            self.complete = self.complete and bool(RESTRICT.fullmatch(line))
        return self._skipping or bool(RESTRICT.fullmatch(line)) or bool(OWNER.fullmatch(line))
