"""golive check as a process: what it prints, writes, and exits with."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import time

import pytest
from clocks import HANGS_S, not_waiting
from terminals import on_a_terminal


@pytest.mark.parametrize(
    ("word", "code", "decision"), [("good", 0, "GO"), ("poor", 0, "GO"), ("bad", 1, "NO-GO"), ("gone", 3, "NO-GO")]
)
def test_the_word_and_the_exit_code(place, word, code, decision):
    place.say(word)
    done = place.check()
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout.split()[0] == decision
    assert done.stderr == ""


def test_fail_on_warn(place):
    place.say("poor")
    assert place.check("--fail-on", "warn").returncode == 1


def test_a_blocker_is_shown_with_what_was_seen_and_how_to_mend_it(place):
    place.say("bad")
    shown = place.check().stdout
    assert "toy.word-is-good" in shown
    assert "it is bad" in shown
    assert "write good" in shown


@pytest.mark.parametrize(("pattern", "code"), [("toy.*", 0), ("words", 0), ("toy", 0), ("toy.word-is-good", 0)])
def test_only_takes_sections_checks_tags_and_globs(place, pattern, code):
    assert place.golive("check", "toy", "--only", pattern).returncode == code


def test_a_pattern_that_matches_nothing_names_the_nearest(place):
    done = place.golive("check", "toy", "--only", "toy.word-is-god")
    assert done.returncode == 2
    assert "toy.word-is-good" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_empty_selection_is_bad_usage(place):
    assert place.check("--skip", "toy").returncode == 2


def test_skip_takes_away(place):
    place.say("bad")
    assert place.check("--skip", "words").returncode == 0


# --- time and signals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["hang", "wait"])
def test_at_the_deadline_the_process_ends_even_where_a_thread_hangs(place, word):
    place.say(word)
    with not_waiting():
        done = place.check("--timeout", "1s", timeout_s=HANGS_S)
    assert done.returncode == 3
    assert "not finished when the run's 1 s were over" in done.stdout.replace("\n", " ").replace("  ", " ")


def test_an_interrupt_that_is_ignored_from_the_start_stays_so(place):
    place.say("wait")
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *place.command("check", "toy", "--only", "toy")]
    with subprocess.Popen(
        ignoring, cwd=place.folder, env=place.environ(), stdout=subprocess.PIPE, text=True
    ) as running:
        while not place.looked():
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(1)
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)
    assert running.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("word", ["hang", "wait"])
def test_a_signal_ends_it_with_the_findings_so_far(place, number, word):
    place.say(word)
    running = subprocess.Popen(
        place.command("check", "toy", "--only", "toy"),
        cwd=place.folder,
        env=place.environ(),
        stdout=subprocess.PIPE,
        text=True,
    )
    while not place.looked():
        time.sleep(0.01)
    time.sleep(0.2)
    with not_waiting():
        running.send_signal(number)
        shown, _ = running.communicate(timeout=HANGS_S)
    assert running.returncode == 130
    assert shown.split()[0] == "NO-GO"
    assert "interrupted" in shown


def test_retry_until_ready_looks_again_only_at_what_is_not_yet_green(place):
    place.say("bad")
    running = subprocess.Popen(
        place.command("check", "toy", "--only", "toy", "--retry-until-ready", "30s"),
        cwd=place.folder,
        env=place.environ(),
        stdout=subprocess.PIPE,
        text=True,
    )
    while not place.looked():
        time.sleep(0.01)
    place.say("good")
    shown, _ = running.communicate(timeout=20)
    assert running.returncode == 0
    assert shown.split()[0] == "GO"
    assert place.looked() == 2


def test_retry_until_ready_gives_up_when_the_time_is_up(place):
    place.say("bad")
    assert place.check("--retry-until-ready", "3s").returncode == 1
    assert place.looked() == 2


def test_retry_until_ready_is_over_at_go_whatever_is_waived(place):
    waiver = "waivers: [{check: toy.word-is-good, reason: known, approver: Ada, expires: 2999-01-01}]\n"
    place.write("bad", more=waiver)
    assert place.check("--retry-until-ready", "60s").returncode == 0
    assert place.looked() == 1


def test_retry_until_ready_looks_again_at_warnings_that_count_as_red(place):
    place.say("poor")
    assert place.check("--fail-on", "warn", "--retry-until-ready", "3s").returncode == 1
    assert place.looked() == 2


# --- files ----------------------------------------------------------------------------------------------------------


def test_several_reports_at_once_each_for_its_owner_alone(place):
    done = place.check(
        "-o", "markdown:r.md", "-o", "junit:r.xml", "-o", "r.json", "--facts", "f.json", "--trace", "t.json"
    )
    assert done.returncode == 0, done.stderr
    for name in ("r.md", "r.xml", "r.json", "f.json", "t.json"):
        file = place.folder / name
        assert file.stat().st_size
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads((place.folder / "r.json").read_text())["exit_code"] == 0


def test_a_file_mode_can_be_asked_for(place):
    place.check("-o", "r.md", "--report-mode", "0644")
    assert stat.S_IMODE((place.folder / "r.md").stat().st_mode) == 0o644


@pytest.mark.parametrize("target", ["missing/r.md", "profiles", "r.nothing", "nothing:r.md", "markdown:"])
def test_a_report_that_cannot_be_written_is_an_error_before_anything_is_looked_at(place, target):
    done = place.check("-o", target)
    assert done.returncode == 2
    assert done.stderr.startswith("golive: ")
    assert place.looked() == 0


@pytest.mark.parametrize("word", ["good", "bad"])
def test_a_full_disk_is_an_error_whatever_the_verdict(place, word):
    place.say(word)
    done = place.check("-o", "markdown:/dev/full")
    assert done.returncode == 2
    assert "No space left" in done.stderr


def test_a_report_on_standard_output_stands_alone(place):
    shown = place.check("-o", "json:-").stdout
    assert json.loads(shown)["decision"] == "GO"


@pytest.mark.parametrize("word", ["good", "bad", "gone"])
def test_judge_says_the_same_byte_for_byte_without_looking(place, word):
    place.say(word)
    first = place.check("--facts", "f.json", "-o", "a.json", "-o", "a.md", "-o", "a.xml")
    looked = place.looked()
    again = place.golive("judge", "f.json", "-o", "b.json", "-o", "b.md", "-o", "b.xml", env={"PYTHONHASHSEED": "7"})
    assert again.returncode == first.returncode, again.stderr
    assert again.stdout == first.stdout
    for suffix in ("json", "md", "xml"):
        assert (place.folder / f"a.{suffix}").read_bytes() == (place.folder / f"b.{suffix}").read_bytes()
    assert place.looked() == looked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        "{" * 100_000,
        '{"golive_facts": 99}',
        '{"golive_facts": 1}',
        '{"golive_facts": 2, "facts": [3]}',
    ],
)
def test_what_is_no_fact_file_is_one_clear_line(place, text):
    (place.folder / "f.json").write_text(text)
    done = place.golive("judge", "f.json")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "f.json" in done.stderr


def test_a_baseline_blocks_only_what_is_new(place):
    place.say("bad")
    assert place.check("-o", "last.json").returncode == 1
    again = place.check("--baseline", "last.json", "-o", "second.json")
    assert again.returncode == 0, again.stdout
    assert place.check("--baseline", "second.json").returncode == 0
    stood = json.loads((place.folder / "last.json").read_text())["run"]["started"]
    found = {f["id"]: f for f in json.loads((place.folder / "second.json").read_text())["findings"]}
    assert found["toy.word-is-good[environment:toy]"]["since"] == stood
    place.say("good")
    assert "fixed" in place.check("--baseline", "last.json").stdout


def test_a_baseline_of_another_environment_is_refused(place):
    place.check("-o", "last.json")
    place.write(more="")
    profile = place.folder / "profiles" / "toy.yaml"
    profile.write_text(profile.read_text().replace("environment: toy", "environment: other"))
    done = place.check("--baseline", "last.json")
    assert done.returncode == 2
    assert "toy" in done.stderr


# --- where it is shown ----------------------------------------------------------------------------------------------


def test_in_github_actions_the_summary_is_appended_and_red_findings_in_files_are_annotations(place):
    place.say("bad")
    summary = place.folder / "summary.md"
    summary.write_text("before\n")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": str(place.folder)}
    shown = place.check(env=env).stdout
    assert re.search(r"^::error file=profiles/word,line=1,title=.*::.*it is bad", shown, re.MULTILINE)
    assert summary.read_text().startswith("before\n")
    assert "NO-GO" in summary.read_text()


def test_progress_is_live_on_a_terminal_and_says_what_is_looked_at(place):
    place.say("wait")
    shown, code = on_a_terminal(place, "check", "toy", "--only", "toy", "--timeout", "1s")
    assert code == 3
    assert "1/2 checks" in shown
    assert "Read the word" in shown


@pytest.mark.parametrize("env", [{"CI": "true"}, {"TERM": "dumb"}])
def test_there_is_no_progress_in_ci(place, env):
    place.say("wait")
    shown, _ = on_a_terminal(place, "check", "toy", "--only", "toy", "--timeout", "1s", env=env)
    assert "checks " not in shown.split("NO-GO")[0]


def test_there_is_no_colour_and_no_progress_in_a_pipe(place):
    done = place.check()
    assert "\x1b" not in done.stdout + done.stderr


def test_no_color_is_obeyed_on_a_terminal(place):
    shown, _ = on_a_terminal(place, "check", "toy", "--only", "toy", env={"NO_COLOR": "1", "CI": "1"})
    assert "\x1b[3" not in shown
    assert "\x1b[4" not in shown


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(place, columns):
    place.say("bad")
    shown, _ = on_a_terminal(place, "check", "toy", "--only", "toy", columns=columns, env={"NO_COLOR": "1", "CI": "1"})
    assert max(len(line) for line in shown.splitlines()) <= columns


def test_the_schema_of_reports_and_of_profiles_can_be_printed(place):
    place.check("-o", "r.json")
    schema = json.loads(place.golive("schema", "report").stdout)
    assert schema["required"]
    assert set(schema["required"]) <= set(json.loads((place.folder / "r.json").read_text()))
    assert place.golive("schema", "profile").stdout == place.golive("profile", "schema").stdout
