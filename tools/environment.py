#!/usr/bin/env python3
"""Make a virtual environment with golive in it, on a machine that has Python 3.11 or newer and nothing else.

usage: python3 tools/environment.py FOLDER [--dev]

Debian's python3 comes without ensurepip unless python3-venv is installed, so pip is fetched from the package index
where it is missing. uv installs, being four times as fast; where it cannot, pip does. Both follow pip's configuration.
This file runs before anything is installed and on Pythons that are too old: standard library and plain syntax only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import sysconfig
import tempfile
import urllib.parse
import urllib.request
import venv
from html.parser import HTMLParser
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
NEEDED = (3, 11)
DEFAULT_INDEX = "https://pypi.org/simple"


def main(arguments: list[str]) -> None:
    """Make the folder an environment that holds golive as it is now, unless it does already."""
    if sys.version_info < NEEDED:
        run_in_newer_python(arguments)
    folder, dev = Path(arguments[0]), "--dev" in arguments
    stamp = folder / "golive-installed"
    there = stamp.read_text() if stamp.exists() else ""
    if there in {fingerprint(dev=True), fingerprint(dev=dev)}:
        return
    print(f"Making {folder} with Python {sys.version.split()[0]} ...", flush=True)
    if python_of(folder) != sys.version.split()[0]:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=False).create(folder)
    python = str(folder / "bin" / "python")
    locked = ["--require-hashes", "--requirement", str(lock(dev=dev))]
    itself = ["--no-deps", "--no-build-isolation", "--editable", str(PROJECT)]  # built with what is locked, too
    with tempfile.TemporaryDirectory() as scratch:
        pip = [python, f"{pip_wheel(Path(scratch))}/pip", "--disable-pip-version-check"]
        install = uv_install(pip, python, Path(scratch))
        if not install or subprocess.run([*install, *locked], check=False).returncode != 0:
            print("uv could not; trying pip, which takes longer ...", flush=True)
            install = [*pip, "install", "--quiet"]
            subprocess.run([*install, *locked], check=True)
        subprocess.run([*install, *itself], check=True)
    stamp.write_text(fingerprint(dev=dev))


def lock(*, dev: bool) -> Path:
    """Name the file of exact versions with their hashes: `make lock` writes it."""
    return PROJECT / "requirements" / ("dev.txt" if dev else "lab.txt")


def run_in_newer_python(arguments: list[str]) -> None:
    """Start again in the newest Python on PATH that is new enough, or say that there is none."""
    for minor in range(19, NEEDED[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            os.execv(found, [found, __file__, *arguments])  # noqa: S606 - a Python found on PATH, as make's own was
    sys.exit(
        f"golive needs Python {NEEDED[0]}.{NEEDED[1]} or newer; {sys.executable} is {sys.version.split()[0]}. "
        "Install one, or name one: make demo PYTHON=/path/to/python3.13"
    )


def python_of(folder: Path) -> str:
    """Return the version of the Python that an environment was made with; empty where there is none."""
    if not (folder / "bin" / "python").exists():
        return ""
    lines = (folder / "pyvenv.cfg").read_text().splitlines()
    return next((line.partition("=")[2].strip() for line in lines if line.startswith("version ")), "")


def fingerprint(*, dev: bool) -> str:
    """Tell one state of what is to be installed from another."""
    sources = (PROJECT / "pyproject.toml", lock(dev=dev), Path(__file__))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    return f"{sys.version}\n{PROJECT}\n{dev}\n{digest.hexdigest()}\n"


def uv_install(pip: list[str], python: str, scratch: Path) -> list[str]:
    """Fetch uv with pip, and return its command to install into that environment; empty where it cannot be had."""
    wanted = scratch / "uv.txt"
    wanted.write_text(pinned("uv"))
    fetch_uv = [*pip, "install", "-qq", "--require-hashes", "--requirement", str(wanted)]
    if subprocess.run(fetch_uv, check=False).returncode != 0:
        return []
    configured = pip_configuration(pip)
    options = ["--quiet", "--system-certs", "--index-strategy", "unsafe-best-match"]  # as pip has it
    options += [f"--default-index={url}" for url in configured.get("index-url", [])]
    options += [f"--index={url}" for url in configured.get("extra-index-url", [])]
    options += [f"--find-links={place}" for place in configured.get("find-links", [])]
    if "cert" in configured:
        os.environ["SSL_CERT_FILE"] = configured["cert"][0]
    uv = str(Path(python).with_name("uv"))
    return [uv, "pip", "install", "--compile-bytecode", *options, "--python", python]


def pinned(package: str) -> str:
    """Return the lines that lock a package: its version, and its hashes below."""
    lines = lock(dev=False).read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith(" ")), len(lines))
    return "\n".join(lines[start:end]) + "\n"


def pip_configuration(pip: list[str]) -> dict[str, list[str]]:
    """Ask pip what it is configured to use; the environment comes last in its list, and has the last word."""
    listed = subprocess.run([*pip, "config", "list"], check=False, capture_output=True, text=True).stdout
    settings = [line.partition("=") for line in listed.splitlines()]
    return {key.rpartition(".")[2]: value.strip("'\"").replace("\\n", " ").split() for key, _, value in settings}


def pip_wheel(scratch: Path) -> Path:
    """Find the wheel of pip that Python brought, or fetch one: pip runs from its wheel, uninstalled."""
    bundles = [Path(sysconfig.get_path("stdlib")) / "ensurepip" / "_bundled"]
    if sysconfig.get_config_var("WHEEL_PKG_DIR"):  # where distributions keep it, Debian among them
        bundles.append(Path(sysconfig.get_config_var("WHEEL_PKG_DIR")))
    for wheel in [wheel for bundle in bundles for wheel in sorted(bundle.glob("pip-*.whl"))]:
        return wheel
    index = os.environ.get("PIP_INDEX_URL") or index_of_pip_conf() or DEFAULT_INDEX
    page = f"{index.rstrip('/')}/pip/"
    links = Links()
    links.feed(fetch(page).decode())
    url, _, expected = urllib.parse.urljoin(page, links.wheels[-1]).partition("#sha256=")
    content = fetch(url)
    if expected and hashlib.sha256(content).hexdigest() != expected:
        sys.exit(f"{url} is not what the package index says it is (its SHA-256 differs)")
    wheel = scratch / url.rpartition("/")[2]
    wheel.write_bytes(content)
    return wheel


def index_of_pip_conf() -> str:
    """Read the index out of pip's configuration, for the one fetch that pip cannot do itself."""
    from configparser import ConfigParser, Error  # noqa: PLC0415 - rarely needed

    config = ConfigParser(interpolation=None)
    home = Path.home()
    files = [Path("/etc/pip.conf"), home / "Library/Application Support/pip/pip.conf", home / ".pip/pip.conf"]
    files += [home / ".config/pip/pip.conf", Path(os.environ.get("PIP_CONFIG_FILE", os.devnull))]
    try:
        config.read(files)
    except Error:
        return ""
    return config.get("global", "index-url", fallback="")


def fetch(url: str) -> bytes:
    """Get a file from the package index, trusting whom pip would."""
    if urllib.parse.urlsplit(url).scheme not in {"https", "http", "file"}:
        sys.exit(f"golive's environment cannot be fetched from {url}")
    trust = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    try:
        with urllib.request.urlopen(url, timeout=60, context=trust) as answer:  # noqa: S310 - the scheme is looked at above
            content: bytes = answer.read()
            return content
    except OSError as error:
        sys.exit(
            f"{url} could not be fetched: {error}\nInstall python3-venv, or set PIP_INDEX_URL to an index that answers."
        )


class Links(HTMLParser):
    """The wheels that an index page offers, oldest first as indexes list them."""

    def __init__(self) -> None:
        super().__init__()
        self.wheels: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link to a wheel that is not withdrawn."""
        link = dict(attrs)
        href = link.get("href") or ""
        name = href.partition("#")[0].rpartition("/")[2]
        if tag == "a" and name.endswith("-py3-none-any.whl") and "data-yanked" not in link and not is_prerelease(name):
            self.wheels.append(href)


def is_prerelease(wheel: str) -> bool:
    """Tell a version with letters in it (26.0b1) from a release."""
    return any(letter.isalpha() for letter in wheel.split("-")[1])


if __name__ == "__main__":
    if len(sys.argv) < 2:  # noqa: PLR2004 - the program and its folder
        sys.exit(__doc__)
    main(sys.argv[1:])
