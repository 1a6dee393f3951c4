import io
from dataclasses import replace

import pytest
import report_samples as samples

from golive.model import Finding, Location, failed
from golive.report import ReportError, github


def report_at(*places, summary="wrong"):
    findings = tuple(
        Finding(samples.PRESENT, "envfile", f"f{n}", failed(summary, at=at)) for n, at in enumerate(places)
    )
    return replace(samples.broken(), findings=findings, red=frozenset(f.id for f in findings))


def test_red_findings_that_lie_in_a_file_are_annotations():
    first, second = github.commands(samples.broken()).splitlines()
    assert first == (
        "::error file=deploy/api%2Cv2/.env,line=12,col=1,title=env.variables-present::"
        "api/.env: STRIPE_WEBHOOK_SECRET is not set (and 2 more)%0A"
        "Set the variable in the file that the service reads."
    )
    assert second == (
        "::error file=deploy/api%2Cv2/.env,line=4,title=env.jwt-secrets-strong::"
        "deploy/api,v2/.env: JWT_ACCESS_SECRET has 9 bytes, 32 are wanted%0A"
        "Make a new JWT_ACCESS_SECRET: openssl rand -base64 48"
    )


def test_a_healthy_run_annotates_nothing():
    assert github.commands(samples.healthy()) == ""


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/home/runner/work/shop/.env", "file=.env,"),
        ("/home/runner/work/shop/a/b.env", "file=a/b.env,"),
        ("/etc/nginx/nginx.conf", "file=/etc/nginx/nginx.conf,"),
        ("a/b.env", "file=a/b.env,"),
        ("a:b,c%d\ne", "file=a%3Ab%2Cc%25d␊e,"),
    ],
)
def test_paths_are_named_from_the_workspace(file, shown):
    assert shown in github.commands(report_at(Location(file, 3)), "/home/runner/work/shop")


def test_an_unknown_line_is_left_out():
    assert github.commands(report_at(Location("a.env"))).startswith("::error file=a.env,title=env.variables-present::")


def test_hostile_text_ends_no_command():
    shown = github.commands(report_at(Location("a\n::error::b", 1), summary=samples.HOSTILE + "\r\n::warning::x"))
    assert len(shown.splitlines()) == 1
    assert "␛[31mred" in shown


def test_the_summary_is_the_report_where_it_fits():
    assert "Evidence" in github.summary(samples.broken())


@pytest.mark.parametrize("room", [0, 10, 100, 500, 2000, 5000, 9000])
def test_the_summary_keeps_to_its_room(room):
    shown = github.summary(samples.broken(), room)
    assert len(shown.encode()) <= room
    assert shown.count("<details>") == shown.count("</details>")


def test_a_huge_summary_says_what_does_not_fit():
    many = report_at(*(Location("a", n) for n in range(1, 4000)), summary="x" * 300)
    shown = github.summary(many)
    assert len(shown.encode()) <= github.LARGEST
    assert "and 3,989 more" in shown


def test_in_actions_it_publishes_by_itself(tmp_path):
    summary, stream = tmp_path / "summary", io.StringIO()
    summary.write_text("before")
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": "/work"}
    github.publish(samples.broken(), environ, stream, secrets=["Ada Lovelace"])
    assert stream.getvalue().count("::error ") == 2
    assert summary.read_text().startswith("before\n# ⛔ NO-GO: production")
    assert "Ada Lovelace" not in summary.read_text()


def test_elsewhere_it_publishes_nothing(tmp_path):
    stream = io.StringIO()
    github.publish(samples.broken(), {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}, stream)
    assert not stream.getvalue()
    assert not list(tmp_path.iterdir())


def test_a_full_summary_gets_no_more(tmp_path):
    file = tmp_path / "summary"
    file.write_bytes(b"x" * github.LARGEST)
    github.append_summary(samples.broken(), str(file))
    assert file.stat().st_size <= github.LARGEST + 1


def test_a_summary_that_cannot_be_written_is_an_error():
    with pytest.raises(ReportError, match="/dev/full cannot be written: No space left on device"):
        github.append_summary(samples.broken(), "/dev/full")
