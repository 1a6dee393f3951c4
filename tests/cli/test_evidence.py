"""golive evidence and golive verify as processes: from a run to the deploy, and the exit codes on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
import report_samples as samples
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from golive.evidence import envelope, statement
from golive.report import json as as_json

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CONTENT = as_json.report(samples.healthy()).encode()


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A private key and a public one, as ssh-keygen writes them."""
    private, public = tmp_path / "golive.key", tmp_path / "golive.pub"
    private.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    public.write_bytes(KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))
    return str(private), str(public)


def test_from_a_run_to_the_deploy(place, files) -> None:
    """The commands, on what a run wrote: its report, its facts and its profile belong together."""
    checked = place.check("-o", "json:r.json", "--facts", "f.json")
    assert checked.returncode == 0, checked.stderr
    made = place.golive("evidence", "r.json", "--facts", "f.json", "--sign-with", files[0])
    assert (made.returncode, made.stderr) == (0, "")
    ask = ("verify", "r.json", "--signed-by", files[1], "--partial")
    done = place.golive(*ask, "--facts", "f.json", "--profile", "toy", "--max-age", "2h", "--environment", "toy")
    assert (done.returncode, done.stderr) == (0, "")
    assert "report, facts and profile as signed by" in done.stdout
    assert done.stdout.count("\n") == 1
    recorded = place.folder / "f.json"
    recorded.write_text(recorded.read_text().replace('"good"', '"bad"'))
    done = place.golive(*ask, "--facts", "f.json")
    assert (done.returncode, done.stdout.count("\n")) == (1, 1)
    assert "the facts are not those that were signed" in done.stdout
    again = place.golive("evidence", "r.json", "--facts", "f.json", "--sign-with", files[0])
    assert (again.returncode, "do not belong together" in again.stderr) == (2, True)
    place.write(more="owners: { toy: Ada }\n")
    assert "another one now" in place.golive(*ask, "--profile", "toy").stdout


@pytest.mark.parametrize("missing", ["r.json", "r.intoto.json", "golive.pub"])
def test_what_is_not_there_is_bad_usage(missing, place, files) -> None:
    (place.folder / "r.json").write_bytes(CONTENT)
    (place.folder / "r.intoto.json").write_text(envelope.sealed(statement.write(CONTENT, {"report": CONTENT}), KEY))
    (place.folder / missing).unlink()
    done = place.golive("verify", "r.json", "--signed-by", "golive.pub")
    assert done.returncode == 2
    assert missing in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_shards_report_lets_no_deploy_go_on_and_those_of_all_shards_do(place, files) -> None:
    """What a shard says is of its part alone; golive judge says it of all, and names a shard that is missing."""
    for number in (1, 2):
        ran = place.check("--shard", f"{number}/2", "-o", f"json:r{number}.json", "--facts", f"s{number}.json")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert f"shard {number}/2" in ran.stdout
        place.golive("evidence", f"r{number}.json", "--sign-with", files[0])
        done = place.golive("verify", f"r{number}.json", "--signed-by", files[1])
        assert (done.returncode, f"--shard {number}/2" in done.stdout) == (1, True), done.stdout
    whole = place.golive("judge", "s1.json", "s2.json", "-o", "json:r.json")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "--shard" not in (place.folder / "r.json").read_text()
    lost = [place.golive("judge", f"s{number}.json") for number in (1, 2)]
    assert sorted(each.returncode for each in lost) == [0, 3]  # one of both had nothing to look at
    assert any("is missing" in each.stdout for each in lost)


@pytest.mark.parametrize("shard", ["three", "0/2", "3/2", "auto"])
def test_what_is_no_shard_is_bad_usage(shard, place) -> None:
    done = place.check("--shard", shard)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "--shard" in done.stderr
