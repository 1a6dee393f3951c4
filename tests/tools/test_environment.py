"""The bootstrap: what it does on a Debian whose Python has neither pip nor ensurepip."""

from __future__ import annotations

import functools
import hashlib
import http.server
import importlib.util
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parents[2] / "tools" / "environment.py"


@pytest.fixture
def environment() -> Any:
    spec = importlib.util.spec_from_file_location("environment", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A package index on loopback, and the folder of its pip page."""
    folder = tmp_path / "simple" / "pip"
    folder.mkdir(parents=True)
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple", folder
        server.shutdown()
        thread.join()


@pytest.fixture
def bare(environment: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A Python that brought no wheel of pip."""
    monkeypatch.setattr(environment.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(environment.sysconfig, "get_config_var", lambda _: None)
    return environment


def page(*names: str, content: bytes = b"wheel") -> str:
    digest = hashlib.sha256(content).hexdigest()
    return "".join(f'<a href="{name}#sha256={digest}">{name}</a>\n' for name in names)


def test_the_newest_release_is_fetched_from_the_index(
    bare: Any, index: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = index
    names = ("pip-24.0-py3-none-any.whl", "pip-25.3-py3-none-any.whl", "pip-26.0b1-py3-none-any.whl", "pip-25.3.tar.gz")
    (folder / "index.html").write_text(page(*names))
    (folder / names[1]).write_bytes(b"wheel")
    monkeypatch.setenv("PIP_INDEX_URL", url)
    wheel = bare.pip_wheel(tmp_path)
    assert wheel.name == names[1]
    assert wheel.read_bytes() == b"wheel"


def test_a_wheel_that_is_not_what_the_index_says_is_refused(
    bare: Any, index: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = index
    name = "pip-25.3-py3-none-any.whl"
    (folder / "index.html").write_text(page(name))
    (folder / name).write_bytes(b"something else")
    monkeypatch.setenv("PIP_INDEX_URL", url)
    with pytest.raises(SystemExit, match="SHA-256"):
        bare.pip_wheel(tmp_path)


def test_an_index_that_does_not_answer_is_told_with_what_to_do(
    bare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(SystemExit, match="python3-venv"):
        bare.pip_wheel(tmp_path)


def test_the_index_of_pip_conf_counts(bare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://pypi.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert bare.index_of_pip_conf() == "https://pypi.example/simple"


def test_pip_s_configuration_is_read_as_it_prints_it(environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = (
        "global.index-url='https://one'\nglobal.extra-index-url='https://a https://b'\n:env:.index-url='https://two'\n"
    )
    done = subprocess.CompletedProcess([], 0, stdout=printed)
    monkeypatch.setattr(environment.subprocess, "run", lambda *_, **__: done)
    assert environment.pip_configuration(["pip"]) == {
        "index-url": ["https://two"],
        "extra-index-url": ["https://a", "https://b"],
    }


def test_a_python_that_is_too_old_and_alone_is_told_what_is_needed(
    environment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match="make demo PYTHON="):
        environment.run_in_newer_python([])


def test_an_environment_that_is_in_step_is_left_alone(
    environment: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "golive-installed").write_text(environment.fingerprint(dev=True))
    monkeypatch.setattr(environment.subprocess, "run", lambda *_, **__: pytest.fail("it was made anew"))
    environment.main([str(tmp_path)])
    environment.main([str(tmp_path), "--dev"])
