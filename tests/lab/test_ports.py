from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from golive_lab.parts import ports
from golive_lab.parts.ports import addresses, standing, state_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_every_stack_has_ports_of_its_own() -> None:
    with ExitStack() as held:
        places = [held.enter_context(standing()) for _ in range(5)]
        every = [p for place in places for p in (place.ports.https, place.ports.http, *place.ports.spare)]
        assert len(set(every)) == len(every)
        assert len({place.folder for place in places}) == 5


def test_ports_in_use_are_passed_over() -> None:
    with standing() as place:
        first = place.ports.https
    with socket.socket() as other:
        other.bind((addresses()[1], first + 3))
        other.listen()
        with standing() as place:
            assert place.ports.https != first


def test_the_folder_is_removed_afterwards_and_nobody_else_may_look_into_it() -> None:
    with standing() as place:
        assert place.folder.stat().st_mode & 0o077 == 0
        (place.folder / "deep").mkdir()
    assert not place.folder.exists()


def test_a_folder_that_is_given_is_kept(tmp_path: Path) -> None:
    with standing(tmp_path / "kept") as place:
        (place.folder / "file").touch()
    assert (tmp_path / "kept" / "file").exists()


def test_both_addresses_can_be_bound_by_anyone() -> None:
    for address in addresses():
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as server:
            server.bind((address, 0))


def test_a_state_folder_of_someone_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"golive-lab-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="another user's"):
        state_folder()
