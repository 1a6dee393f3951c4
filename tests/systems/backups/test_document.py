"""The recovery document, in English and in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from golive import Environment, Unavailable
from golive_checks.systems.documents.client.markdown import Markdown
from golive_checks.systems.documents.recovery_document import Documented, RecoveryDocument, recovery_document
from golive_checks.systems.machine.client.files import Files

if TYPE_CHECKING:
    from pathlib import Path

ENGLISH = """\
Recovery
========

| Objective | Target |
| --- | --- |
| RTO | 4 h |
| RPO | 24 hours |

<!-- ## Hidden

1. not a step -->

## Steps

1. Fetch the dump:

   ```sh
   aws s3 cp s3://x/y .
   ```

2. Restore it. TODO: which flags?

### Afterwards

- Tell everyone.

## Contacts

Awa Diallo, +221 33 000 00 00
"""
FRENCH = """\
# Plan de reprise

Le RTO (durée maximale d'interruption) est de 2,5 heures ; la PDMA est de 1 jour.

## Procédure de restauration

* un
* deux
"""


async def read(path: Path) -> RecoveryDocument:
    return await recovery_document(Environment("demo"), Files(), Markdown(), Documented(path=str(path)))


async def test_english(tmp_path: Path) -> None:
    (tmp_path / "r.md").write_text(ENGLISH)
    seen = await read(tmp_path / "r.md")
    assert [(part.title, part.line, part.steps) for part in seen.parts] == [
        ("Recovery", 1, 4),
        ("Steps", 13, 4),
        ("Afterwards", 23, 1),
        ("Contacts", 27, 0),
    ]
    assert seen.objectives == {"RTO": "4 h", "RPO": "24 hours"}
    assert [part.unfinished for part in seen.parts] == ["TODO", "TODO", "", ""]
    assert seen.parts[3].words == 7


async def test_french(tmp_path: Path) -> None:
    (tmp_path / "r.md").write_text(FRENCH)
    seen = await read(tmp_path / "r.md")
    assert seen.objectives == {"RTO": "2,5 heures", "RPO": "1 jour"}
    assert [(part.title, part.steps) for part in seen.parts] == [
        ("Plan de reprise", 2),
        ("Procédure de restauration", 2),
    ]


@pytest.mark.parametrize(
    "text", ["The RTO is short.", "RTO: as agreed. It takes 4 h.", "The RTOs of 4 h", "RTO 4", "RTO: 4 people"]
)
async def test_an_objective_needs_a_number_and_a_unit(text: str, tmp_path: Path) -> None:
    (tmp_path / "r.md").write_text(text)
    assert (await read(tmp_path / "r.md")).objectives == {}


async def test_what_is_not_there_and_what_cannot_be_read(tmp_path: Path) -> None:
    assert await read(tmp_path / "gone.md") == RecoveryDocument(str(tmp_path / "gone.md"), there=False)
    (tmp_path / "empty.md").touch()
    assert not (await read(tmp_path / "empty.md")).there
    (tmp_path / "large.md").write_text("x" * 1_000_001)
    with pytest.raises(Unavailable, match="larger than"):
        await read(tmp_path / "large.md")
    (tmp_path / "odd.md").write_bytes(b"# Steps \xff\n\x00")
    assert (await read(tmp_path / "odd.md")).parts[0].title.startswith("Steps")
