"""Runbooks as they are written, in a real repository."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from golive import Environment, Unavailable
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import DnsReply, Record, Status
from golive_checks.systems.documents.client import markdown
from golive_checks.systems.documents.client.markdown import Markdown
from golive_checks.systems.documents.release_notes import NotesRead, ReleaseNotes, notes_read
from golive_checks.systems.documents.runbook_settings import ContactPolicy, Links, Review
from golive_checks.systems.documents.runbooks import MAX_EXTERNAL, BrokenLink, Library
from golive_checks.systems.documents.unfinished import unfinished
from golive_checks.systems.git.client.checkout import Checkout
from golive_checks.systems.git.client.git import Git
from golive_checks.systems.git.reviewed import dates, reviewed_on
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.contacts import contacts_in
from golive_checks.systems.machine.client.files import Files
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.world.names import APP

NOBODY: Any = None


async def read(path: Path, **review: Any) -> dict[str, Any]:
    library = Library(
        Files(), Markdown(), Git(CommandRunner(CommandLimits())), Checkout(), NOBODY, NOBODY, NOBODY, NOBODY
    )
    return await library.read(str(path), Review(**review), Links(), ContactPolicy())


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=x", "-c", "user.email=x@y.z", "-c", "tag.gpgSign=false", "-c", "commit.gpgSign=false")
    environ = {"PATH": "/usr/bin:/bin", "GIT_COMMITTER_DATE": "2026-03-04T12:00:00Z", "HOME": str(folder)}
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True, env=environ)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Last reviewed: 2026-01-05", dt.date(2026, 1, 5)),
        ("**Last reviewed:** 5 January 2026 by Awa", dt.date(2026, 1, 5)),
        ("_Reviewed on January 5th, 2026_", dt.date(2026, 1, 5)),
        ("Relu le 1er octobre 2026", dt.date(2026, 10, 1)),
        ("Relue le : 05/01/2026", dt.date(2026, 1, 5)),
        ("Dernière relecture : 13.02.2026", dt.date(2026, 2, 13)),
        ("Révisé le 3 août 2026", dt.date(2026, 8, 3)),
        ("| Review date | 2026-01-05 |", dt.date(2026, 1, 5)),
        ("Last reviewed: 01/31/2026", dt.date(2026, 1, 31)),
        ("Next review: 2027-01-05", None),
        ("Next review date: 2027-01-05", None),
        ("The review happens monthly. Since 2020-01-01 it does.", None),
        ("Last reviewed: soon", None),
        ("Last reviewed: 2026-13-41", None),
        ("Released on 2026-01-05", None),
        ("Last reviewed: 2025-01-05\n\nReviewed: 2026-02-02", dt.date(2026, 2, 2)),
    ],
)
def test_the_day_of_the_review(text: str, day: dt.date | None) -> None:
    assert reviewed_on({}, text) == day


def test_front_matter_and_dates() -> None:
    assert reviewed_on({"Last-Reviewed": "2026-01-05", "date": "2026-05-05"}, "") == dt.date(2026, 1, 5)
    assert reviewed_on({"relu le": "12/03/2026"}, "") == dt.date(2026, 3, 12)
    assert list(dates("0000-01-01 32/13/2026 5 nonsense 2026")) == []


@pytest.mark.parametrize(
    ("text", "region", "sound", "malformed"),
    [
        ("+33 1 99 00 12 34, awa@afrigest.sn", "", 2, 0),
        ("+221771234567", "", 1, 0),
        ("+33 1 99 00 12", "", 0, 1),
        ("01 99 00 12 34", "", 0, 0),
        ("01 99 00 12 34", "FR", 1, 0),
        ("awa@afrigest", "", 0, 1),
        ("awa..x@afrigest.sn.", "", 0, 1),
        ("a@b.sn. (c@d.sn)", "", 2, 0),
        ("@awa in #incident, at 10:00 on 2026-01-05", "", 0, 0),
        ("git@github.com:x/y", "", 1, 0),
    ],
)
def test_contacts(text: str, region: str, sound: int, malformed: int) -> None:
    found = contacts_in(text, region)
    assert (found.sound, len(found.malformed)) == (sound, malformed)


async def test_a_runbook(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Niveaux d'appel\n\n## Niveaux d'appel\n\n<a id='x-y'></a>\n")
    (tmp_path / "book.md").write_text(
        "---\nlast_reviewed: 2026-01-05\n---\n# Who\n\n"
        "[good](other.md#niveaux-dappel) [second](other.md#niveaux-dappel-1) [named](other.md#x-y) [own](#who)\n"
        "[bad](other.md#gone) [none](none.md) ![](pic.png) [site](/docs/x) [web](https://x.test) [folder](.)\n\n"
        "| level | who |\n| --- | --- |\n| 1 | +33 1 99 00 12 34 |\n| 2 | a@b.sn |\n\n"
        "1. `kubectl logs <pod>` shows it\n2. call <name>\n   - +33 1 99 00 12\n\n```\nTODO <x>\n```\n\n"
        "What is to be done stands here.\n\nto be done\n"
    )
    found = await read(tmp_path / "book.md")
    assert (found["reviewed"], found["reviewed_by"]) == (dt.date(2026, 1, 5), "itself")
    assert found["levels"] == 2
    assert found["malformed"] == ("+33 1 99 00 12 is no telephone number",)
    assert found["marks"] == ((15, "<name>"), (24, "to be done"))
    assert found["broken"] == (
        BrokenLink(6, "other.md#gone", "heading", "other.md"),
        BrokenLink(6, "none.md", "file"),
        BrokenLink(6, "pic.png", "file"),
    )
    assert await read(tmp_path / "none.md") == {"path": str(tmp_path / "none.md")}


async def test_the_day_that_git_knows(tmp_path: Path) -> None:
    repository = tmp_path / "whole"
    repository.mkdir()
    git(repository, "init", "-q")
    (repository / "book.md").write_text("# Who\n")
    (repository / "new.md").write_text("# Who\n")
    git(repository, "add", "book.md")
    git(repository, "commit", "-qm", "x")
    found = await read(repository / "book.md")
    assert (found["reviewed"], found["reviewed_by"]) == (dt.date(2026, 3, 4), "git")
    assert (await read(repository / "book.md", git=False))["reviewed_by"] == ""
    assert (await read(repository / "new.md"))["reviewed"] is None
    git(repository, "commit", "-qm", "y", "--allow-empty")
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")
    found = await read(tmp_path / "shallow/book.md")
    assert (found["reviewed"], found["reviewed_by"]) == (None, "shallow")


async def notes(path: Path, release: str) -> NotesRead:
    env = Environment("demo", release=release)
    return await notes_read(env, Files(), Markdown(), Git(CommandRunner(CommandLimits())), ReleaseNotes(path=str(path)))


async def test_release_notes(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    path = tmp_path / "CHANGELOG.md"
    path.write_text(
        "# Changelog\n\n## [Unreleased]\n\n- One more thing\n\n## [2.4.0-rc.1]\n\n- Early\n\n"
        "## v2.4.0 (2026-01-05)\n\n### Added\n\n- Orange Money\n\n## 12.4.0\n\n- x\n"
    )
    found = await notes(path, "2.4.0")
    assert (found.heading, found.words, found.unreleased_words) == ("v2.4.0 (2026-01-05)", 2, 3)
    assert (await notes(path, "v2.4.0")).heading == "v2.4.0 (2026-01-05)"
    assert (await notes(path, "2.4.0-rc.1")).heading == "[2.4.0-rc.1]"
    assert (await notes(path, "2.4")).heading == ""
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    git(tmp_path, "tag", "v3.0.0")
    assert (await notes(path, "3.0.0")).tag_words == 0
    git(tmp_path, "tag", "-a", "v3.1.0", "-m", "Shops pay with Wave")
    assert (await notes(path, "3.1.0")).tag_words == 4
    (tmp_path / "4.0.0.md").write_text("Some words on it")
    assert (await notes(tmp_path / "{version}.md", "4.0.0")).words == 4
    assert (await notes(tmp_path / "{version}.md", "5.0.0")).there is False


class Names(Dns):
    """Knows one host, at the address where the site stands."""

    def __init__(self, ip: str) -> None:
        self.ip = ip

    async def look_up(self, name: str, kind: str, _ask: DnsSettings, **_: Any) -> DnsReply:
        found = (Record(APP, "A", 300, self.ip),) if (name, kind) == (APP, "A") else ()
        return DnsReply("127.0.0.1", name, kind, Status.ANSWER if found else Status.NXDOMAIN, found)


async def test_links_to_other_sites_are_followed_where_that_is_asked_for(site: Any, tmp_path: Path) -> None:
    statuses = {"/there": 200, "/login": 403}
    async with site(lambda asked, _: HttpAnswer(statuses.get(asked, 410), "text/plain", b"x")) as here:
        at = f"https://{APP}:{here.address.host.port}"
        path = tmp_path / "book.md"
        path.write_text(
            f"[a]({at}/there) [b]({at}/login) [c]({at}/gone#x) [d](https://nowhere.test/) [e]({at}/gone#x)\n"
        )
        library = Library(
            Files(),
            Markdown(),
            Git(CommandRunner(CommandLimits())),
            Checkout(),
            here.http,
            Names(here.address.ip),
            DnsSettings(),
            here.trust,
        )
        found = await library.read(str(path), Review(), Links(external=True), ContactPolicy())
        assert found["broken"] == (BrokenLink(1, f"{at}/gone#x", "address"),)
        assert (await library.read(str(path), Review(), Links(), ContactPolicy()))["broken"] == ()
        many = tmp_path / "many.md"
        many.write_text(" ".join(f"[x](https://nowhere{n}.test/)" for n in range(MAX_EXTERNAL + 1)))
        with pytest.raises(Unavailable, match="more than 100 links to other sites"):
            await library.read(str(many), Review(), Links(external=True), ContactPolicy())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("## 2.4.0.\n\n- Faster search\n", 2),
        ("## Release 2.4.0 - January\n\n- Faster search\n", 2),
        ("<h2 id='x'>2.4.0</h2>\n\nFaster search\n", 2),
        ("<h2>2.4.0</h2>\n<ul><li>Faster search</li></ul>\n", 2),
        ("**2.4.0** (2026-11-27)\n\n- Faster search\n", 2),
        ("**v2.4.0** - 27 Nov 2026\nFaster search\n", 2),
        ("## 2.10.0\n\n### Upgrade from 2.4.0\n\nRun it twice\n", 0),
        ("## 2.10.0 (changes since 2.4.0)\n\nRun it twice\n", 0),
        ("## 2.4.0\n\n_Nothing yet_\n\n## 2.3.0\n\nSlower\n", 0),
        ("## 2.4.0\n\n### Added\n\n### Fixed\n", 0),
        ("## 2.4.0\n\n- TBD\n", 0),
        ("## 2.4.0\n\n_No changes in this release_\n", 0),
        ("## 2.4.0\n\nNothing to see here.\n", 0),
        ("## 2.4.0\n\n...\n", 0),
        ("## 2.4.0\n\nWIP\n", 0),
        ("## 2.4.0\n\nNo breaking changes.\n", 3),
        ("## Versions prior to 2.4.0\n\nSlower\n", 0),
        ("## 2.4.0-rc.1\n\n- Early\n", 0),
        ("**Faster** search came with 2.4.0\n", 0),
        ("## 2.4.0 (2026-11-27)\n\n## Library\n\nFaster search\n\n## 2.3.0\n\nSlower by far\n", 2),  # one level for all
        ("## 2.4.0\n\n## 2.3.0\n\nSlower\n\n## Thanks\n\nTo all\n", 0),
        ("Acme 2.4.0 (2026-11-27)\n=======================\n\nFeatures\n--------\n\n- Faster search\n", 2),  # towncrier
        ("2.4.0 / 2026-11-27\n==================\n\n  * Faster search\n", 2),
        ("# [2.4.0](https://acme.test/compare/v2.3.0...v2.4.0) (2026-11-27)\n\n### Features\n\n* faster search\n", 2),
        ("## acme@2.4.0\n\n### Minor Changes\n\n- 1a2b3c4: Faster search\n", 3),
    ],
)
async def test_entries_of_every_shape(text: str, words: int, tmp_path: Path) -> None:
    (tmp_path / "CHANGES.md").write_text(f"# Changes\n\n{text}")
    assert (await notes(tmp_path / "CHANGES.md", "2.4.0")).words == words


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Tail the log of <pod-name> in <namespace>.", 0),
        ("Scale <service> to <N> replicas.", 0),
        ("<details><summary>Why</summary>because</details> and <center>this</center>", 0),
        ('<img src="a.png" width=300> <font color="red">stop</font>', 0),
        ("{{< note >}} Stop first {{< /note >}} then see {{% tab %}} or {{ .Values.host }} or {{ $labels.job }}", 0),
        ("Add a TODO to the board, then clear the TODO list and your TODOs.", 0),
        ("If x <5 and y> 3, stop.", 0),
        ("Run `restore <BACKUP_ID> --to <number of the host>` first.", 0),
        ("Ask your lead to be added to the group.", 0),
        ("It is a Map<String, Object> of hosts.", 0),
        ("Dashboard: <Link to the dashboard>", 1),
        ("The rota is to be defined.", 1),
        ("Rota: to be defined", 1),
        ("Call <name of the lead> at <phone>.", 1),
        ("Call <your-manager>.", 1),
        ("Ring {{ phone }} first", 1),
        ("TODO: who leads?", 1),
        ("The owner is TBD", 1),
        ("| Role | Phone |\n|---|---|\n| Lead | TODO |", 1),
        ("Post in [your channel]", 1),
        ("Lead: [name]", 1),
        ("Say: this is [NAME], I lead this incident.", 0),
        ("Ask at the {{rocket}} desk.", 0),
        ("{{COMPANY_NAME}} and {{ review_date }}", 1),
        ("_(e.g. Runs three times a day on two machines)_", 1),
        ("It runs often (e.g. three times a day).", 0),
    ],
)
async def test_what_is_to_be_filled_in(text: str, marks: int) -> None:
    outline = await Markdown().outline(text)
    assert len(list(unfinished(outline.entries))) == marks


async def test_documents_are_parsed_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, most = 0, 0

    def parse(_: str) -> Any:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        time.sleep(0.01)
        at_work -= 1

    monkeypatch.setattr(markdown, "_outline", parse)
    monkeypatch.setattr(markdown, "_parts", parse)
    reader = Markdown()
    await asyncio.gather(*(reader.outline("x") for _ in range(3)), *(reader.parts("x") for _ in range(3)))
    assert most == 1
