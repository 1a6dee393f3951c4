"""golive evidence and golive verify: what is signed, what is refused, and the exit codes that a deploy job reads."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass, replace

import pytest
import report_samples as samples
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from golive.evidence import EvidenceError, KeyFileError, envelope, keys, statement
from golive.evidence.verify import Demands, verified
from golive.report import json as as_json

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
COMMIT = "4be1c2d09f3a5b6c7d8e9f00112233445566778a"
NOW = samples.STARTED + dt.timedelta(minutes=12)
PEM, RAW = serialization.Encoding.PEM, serialization.NoEncryption()


def report(**run: object) -> bytes:
    healthy = samples.healthy()
    return as_json.report(replace(healthy, run=replace(healthy.run, **{"commit": COMMIT, **run}))).encode()


def signed(content: bytes, key: Ed25519PrivateKey = KEY) -> bytes:
    return envelope.sealed(statement.write(content, {"report": content}), key).encode()


def verify(content: bytes, evidence: bytes | None = None, at: dt.datetime = NOW, **demands: object) -> str:
    evidence = signed(content) if evidence is None else evidence
    return verified(content, evidence, [KEY.public_key()], None, Demands(**demands), at)


def test_a_proven_report_is_one_line() -> None:
    line = verify(report(), environment="staging", commit=COMMIT, max_age_s=3600)
    assert line.startswith("GO")
    assert "staging, 12 min old, commit 4be1c2d" in line.replace(" 0 s", "")
    assert "not compared: --facts and --profile" in line


@pytest.mark.parametrize(
    ("demands", "why"),
    [
        ({"environment": "production"}, "is on staging, not on production"),
        ({"commit": "a" * 40}, "not on aaaa"),
        ({"commit": COMMIT[:6]}, "not on 4be1c2"),
        ({"max_age_s": 60}, "too old: 12 min"),
        ({"profile": "0" * 64}, "another one now"),
        ({"at": samples.STARTED - dt.timedelta(hours=1)}, "in the future"),
    ],
)
def test_a_demand_that_is_not_met_is_named(demands: dict[str, object], why: str) -> None:
    with pytest.raises(EvidenceError, match=why):
        verify(report(), **demands)


@pytest.mark.parametrize("asked", [COMMIT[:7], COMMIT.upper(), f"{COMMIT}"])
def test_a_commit_may_be_abbreviated(asked: str) -> None:
    assert verify(report(), commit=asked)


def test_without_a_commit_in_the_report_none_is_proven() -> None:
    with pytest.raises(EvidenceError, match=r"names no commit \(release.commit"):
        verify(report(commit=""), commit=COMMIT)


def test_a_look_at_a_part_is_no_look_at_all() -> None:
    part = report(selection="--only dns")
    with pytest.raises(EvidenceError, match="on a part alone"):
        verify(part)
    assert verify(part, partial=True)


def test_a_no_go_that_was_signed_is_a_no_go() -> None:
    with pytest.raises(EvidenceError, match="as it was signed, and says NO-GO"):
        verify(as_json.report(samples.broken()).encode(), partial=True)


def test_a_byte_more_is_another_report() -> None:
    with pytest.raises(EvidenceError, match="was changed since"):
        verify(report() + b" ", signed(report()))


def test_a_statement_that_says_something_else_is_refused() -> None:
    content = report()
    body = json.loads(statement.write(content, {"report": content}))
    body["predicate"]["environment"] = "production"
    with pytest.raises(EvidenceError, match="something else than the report: environment"):
        verify(content, envelope.sealed(json.dumps(body).encode(), KEY).encode())


def test_another_key_has_signed_nothing() -> None:
    with pytest.raises(EvidenceError, match="not signed by that key"):
        verify(report(), signed(report(), OTHER))


def test_the_name_of_a_key_in_the_envelope_is_not_believed() -> None:
    forged = json.loads(signed(report(), OTHER))
    forged["signatures"][0]["keyid"] = keys.key_id(KEY.public_key())
    with pytest.raises(EvidenceError, match="not signed by that key"):
        verify(report(), json.dumps(forged).encode())
    renamed = json.loads(signed(report()))
    renamed["signatures"][0]["keyid"] = "somebody"
    assert verify(report(), json.dumps(renamed).encode())


def _with(**changed: object) -> bytes:
    return json.dumps(json.loads(signed(report())) | changed).encode()


@pytest.mark.parametrize(
    "evidence",
    [
        b"",
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b'{"payload": ' + b"9" * 10_000 + b"}",
        b"null",
        b"[]",
        _with(payloadType="text/plain"),
        _with(payloadType=["application/vnd.in-toto+json"]),
        _with(payload=7),
        _with(payload="no base64!"),
        _with(payload="\udc80"),
        _with(signatures=None),
        _with(signatures=[]),
        _with(signatures=[None]),
        _with(signatures=[{"sig": ""}]),
        _with(signatures=[{"sig": base64.b64encode(b"x" * 64).decode()}]),
        _with(signatures=json.loads(signed(report()))["signatures"] * 100),
        b" " * (envelope.LARGEST + 1),
    ],
)
def test_a_hostile_envelope_is_one_line(evidence: bytes) -> None:
    with pytest.raises(EvidenceError) as refused:
        verify(report(), evidence)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "payload",
    [b"{}", b"[]", b"[" * 100_000, b'{"_type": "x", "predicateType": "y", "subject": [], "predicate": {}}'],
)
def test_another_statement_of_the_same_signer_is_refused(payload: bytes) -> None:
    with pytest.raises(EvidenceError, match="what is signed is"):
        verify(report(), envelope.sealed(payload, KEY).encode())


@dataclass(frozen=True)
class Files:
    private: str
    public: str


@pytest.fixture
def files(tmp_path):
    private, public = tmp_path / "golive.key", tmp_path / "golive.pub"
    private.write_bytes(KEY.private_bytes(PEM, serialization.PrivateFormat.OpenSSH, RAW))
    public.write_bytes(
        KEY.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        + b" me@here\n"
    )
    return Files(str(private), str(public))


def test_keys_of_ssh_and_of_openssl_are_the_same_key(files, tmp_path) -> None:
    pem = tmp_path / "key.pem"
    pem.write_bytes(
        KEY.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"word"))
    )
    public = KEY.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    opened = [
        keys.private_key(files.private, {}).public_key(),
        keys.private_key(str(pem), {keys.PASSPHRASE: "word"}).public_key(),
        keys.public_key(files.public, {}),
        keys.public_key("env:PUB", {"PUB": public}),
    ]
    assert {keys.key_id(key) for key in opened} == {keys.key_id(KEY.public_key())}
    for environ, why in (({}, f"set {keys.PASSPHRASE}"), ({keys.PASSPHRASE: "no"}, "not with this passphrase")):
        with pytest.raises(KeyFileError, match=why):
            keys.private_key(str(pem), environ)


def test_what_is_no_key_is_refused_without_a_word_of_it(files, tmp_path) -> None:
    other = tmp_path / "ec.pem"
    other.write_bytes(generate_private_key(SECP256R1()).private_bytes(PEM, serialization.PrivateFormat.PKCS8, RAW))
    (tmp_path / "words").write_text("s3cret words")
    with pytest.raises(KeyFileError, match="takes the public one"):
        keys.public_key(files.private, {})
    with pytest.raises(KeyFileError, match="not an Ed25519 key"):
        keys.private_key(str(other), {})
    for place in (str(tmp_path / "words"), "env:WORDS", str(tmp_path / "none"), str(tmp_path), "/dev/zero", "env:NONE"):
        with pytest.raises(KeyFileError) as refused:
            keys.private_key(place, {"WORDS": "s3cret"})
        assert "s3cret" not in str(refused.value)
