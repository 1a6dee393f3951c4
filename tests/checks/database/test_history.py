"""Prisma's state machine, row by row: what a schema's rows and the repository's folder say of each migration."""

import datetime as dt
from dataclasses import astuple, dataclass, replace

import pytest

from golive_checks.database.history import MigrationHistory, history
from golive_checks.systems.migrations.client.prisma_folder import LocalMigration, MigrationFolder, checksums
from golive_checks.systems.migrations.client.prisma_table import MigrationRow, MigrationStep, rows_of
from golive_checks.systems.migrations.facts import MigrationRows

A, B, C = "20260101_a", "20260102_b", "20260103_c"
SUM = {name: checksums(name.encode()) for name in (A, B, C)}
FOLDER = MigrationFolder("migrations", tuple(LocalMigration(name, SUM[name]) for name in (A, B, C)))


@dataclass(frozen=True)
class Told:
    """A row as the server tells of it."""

    name: str
    checksum: str
    began: float | None
    finished: bool = True
    rolled_back: bool = False
    ran: bool | None = True
    logged: bool = False


def applied(name: str, minute: int = 0, **but: object) -> Told:
    own = SUM.get(name, ("0" * 64,))[0]
    return replace(Told(name, own, 1.7e9 + 60 * minute), **but)


def failed(name: str, minute: int = 0, **but: object) -> Told:
    return applied(name, minute, **{"finished": False, "ran": False, "logged": True, **but})


def seen(rows, lacks=()):
    in_order = sorted(rows, key=lambda row: (row.began or 0, row.name))  # as the server does
    return MigrationRows("public", rows=rows_of([astuple(row) for row in in_order]), lacks=lacks)


def rolled_back(name: str, minute: int = 0) -> MigrationRow:
    return failed(name, minute, rolled_back=True)


ALL = (applied(A, 1), applied(B, 2), applied(C, 3))
DONE = MigrationHistory(applied=(A, B, C))
NOT_C = MigrationHistory(applied=(A, B), lacking=(C,))

CASES = {
    "all applied": (ALL, DONE),
    "no row": ((), MigrationHistory(lacking=(A, B, C))),
    "the last pending": (ALL[:2], NOT_C),
    "failed": ((*ALL[:2], failed(C, 3)), replace(NOT_C, failed=(C,))),
    "running or crashed": ((*ALL[:2], failed(C, 3, logged=False)), replace(NOT_C, unfinished=(C,))),
    "rolled back": ((*ALL[:2], rolled_back(C, 3)), replace(NOT_C, rolled_back=(C,))),
    "rolled back twice": ((*ALL[:2], rolled_back(C, 3), rolled_back(C, 4)), replace(NOT_C, rolled_back=(C,))),
    "deployed again": ((*ALL[:2], rolled_back(C, 3), applied(C, 5)), DONE),
    "deployed again, rows in any order": ((applied(C, 5), *ALL[:2], rolled_back(C, 3)), DONE),
    "rolled back, then failed again": ((*ALL[:2], rolled_back(C, 3), failed(C, 5)), replace(NOT_C, failed=(C,))),
    "resolved as applied after failing": (
        (*ALL[:2], rolled_back(C, 3), applied(C, 5, ran=False, logged=True)),
        replace(DONE, by_hand=(C,)),
    ),
    "resolved as applied, never run": (
        (applied(A, 1, ran=False, logged=True), *ALL[1:]),
        replace(DONE, by_hand=(A,)),
    ),
    # no command makes it, but data that was imported does; prisma migrate deploy stops at it (P3009)
    "applied beside a row that failed": ((*ALL, failed(C, 2)), replace(DONE, failed=(C,))),
    "edited": ((*ALL[:2], applied(C, 3, checksum="f" * 64)), replace(DONE, edited=(C,))),
    "edited, then failed": ((*ALL[:2], failed(C, 3, checksum="f" * 64)), replace(NOT_C, failed=(C,))),
    "a checksum without leading zeros": ((*ALL[:2], applied(C, 3, checksum=SUM[C][-1])), DONE),
    "no checksum at all": ((*ALL[:2], applied(C, 3, checksum="")), replace(DONE, edited=(C,))),
    "out of order": (
        (applied(A, 9), applied(B, 2), applied(C, 3)),
        replace(DONE, disordered=((A, B),)),
    ),
    "the first after one of two": (
        (applied(A, 3), applied(B, 2), applied(C, 5)),
        replace(DONE, disordered=((A, B),)),
    ),
    "backwards": (
        (applied(A, 3), applied(B, 2), applied(C, 1)),
        replace(DONE, disordered=((A, C), (B, C))),
    ),
    "at the same moment": (tuple(replace(row, began=1.7e9) for row in ALL), DONE),
    "without start": (tuple(replace(row, began=None) for row in ALL), DONE),
    "unknown and newer": ((*ALL, applied("20260201_x", 4)), replace(DONE, unknown=("20260201_x",))),
    "unknown, in between": ((*ALL, applied("20260101_z", 2)), replace(DONE, unknown=("20260101_z",))),
    "unknown and older": ((applied("2025_x", 0), *ALL), replace(DONE, squashed=("2025_x",))),
    "unknown and failed": ((*ALL, failed("20260201_x", 4)), replace(DONE, failed=("20260201_x",))),
    "unknown and rolled back": ((*ALL, rolled_back("20260201_x", 4)), DONE),
}


@pytest.mark.parametrize("case", CASES)
def test_states(case):
    rows, expected = CASES[case]
    assert history(seen(rows), FOLDER) == expected


def test_an_older_prisma_kept_no_checksums_and_no_steps():
    rows = [replace(row, checksum="", ran=None) for row in ALL]
    assert history(seen(rows, ("checksum", "applied_steps_count")), FOLDER) == replace(DONE, uncompared=True)


def test_an_empty_folder_knows_nothing():
    assert history(seen(ALL[:1]), MigrationFolder("x")) == MigrationHistory(unknown=(A,))


def test_when_it_began_is_kept_of_what_did_not_finish():
    assert rows_of([astuple(failed(A))]) == (
        MigrationRow(A, SUM[A][0], MigrationStep.FAILED, dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)),
    )
    assert rows_of([astuple(replace(failed(A), began="Infinity"))]) == (
        MigrationRow(A, SUM[A][0], MigrationStep.FAILED),
    )
    assert rows_of([(None,) * 7]) == (MigrationRow("", "", MigrationStep.UNFINISHED),)


LF, CRLF = b"SELECT 1;\nSELECT 2;\n", b"SELECT 1;\r\nSELECT 2;\r\n"


def test_checksums_know_the_twins_with_other_line_ends():
    assert checksums(LF)[0] in checksums(CRLF)
    assert checksums(CRLF)[0] in checksums(LF)
    assert checksums(LF)[0] not in checksums(LF + b" ")


def test_the_old_hex_lacks_the_leading_zero_of_each_byte():
    digest = bytes.fromhex(checksums(b"8")[0])  # 2c624232cdd221771294dfbb310aca000a0df6ac8b66b696d90ef06fdefb64a3
    assert b"\x0a" in digest
    assert checksums(b"8")[-1] == "2c624232cdd221771294dfbb31aca0adf6ac8b66b696d9ef06fdefb64a3"


def test_a_script_that_is_no_utf8_is_known_as_prisma_reads_it():
    assert checksums("é".encode("latin-1"))[1] == checksums("\ufffd".encode())[0]


def test_the_order_of_names_counts_where_the_tool_has_one():
    late = (applied(B, 1), applied(A, 2), applied(C, 3))
    assert history(seen(late), FOLDER).disordered == ((A, B),)
    assert history(seen(late), replace(FOLDER, ordered=False)).disordered == ()
    older = seen((applied("9_old"), *ALL))
    by_number = MigrationFolder("m", tuple(LocalMigration(n, SUM[n]) for n in (A, B, C)), sorted_by="number")
    assert history(older, by_number).squashed == ("9_old",)
    assert history(older, replace(by_number, sorted_by="text")).unknown == ("9_old",)
    assert history(older, replace(by_number, sorted_by="")).unknown == ("9_old",)
