import io
import os
import stat
import subprocess
import sys
import textwrap

import pytest
import report_samples as samples

from golive.report import FORMATS, ReportError, render
from golive.report.write import Output, check_places, parse, parse_all, write, write_file


def names_in(folder):
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize(
    ("asked", "output"),
    [
        ("markdown:readiness.md", Output("markdown", "readiness.md")),
        ("junit:out/golive.xml", Output("junit", "out/golive.xml")),
        ("json:-", Output("json", "-")),
        ("json", Output("json", "-")),
        ("terminal:a:b", Output("terminal", "a:b")),
        ("readiness.md", Output("markdown", "readiness.md")),
        ("READINESS.MD", Output("markdown", "READINESS.MD")),
        ("a/b.json", Output("json", "a/b.json")),
        ("golive.xml", Output("junit", "golive.xml")),
        ("golive.txt", Output("terminal", "golive.txt")),
        ("./a:b.md", Output("markdown", "./a:b.md")),
    ],
)
def test_an_output_is_a_format_and_a_place(asked, output):
    assert parse(asked) == output


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("markdwon:x.md", "there is no report format markdwon (did you mean markdown?)"),
        ("pdf:x.pdf", "there is no report format pdf; there are terminal, markdown, json, junit, html"),
        ("json:", "where to? For example json:report.json"),
        ("report", "which format? Say one before a colon"),
        ("report.pdf", "which format?"),
        ("", "which format?"),
        ("-", "which format?"),
    ],
)
def test_what_is_none_is_refused_with_what_was_meant(asked, said):
    with pytest.raises(ReportError) as caught:
        parse(asked)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "asked", [["a.md", "markdown:./a.md"], ["json:a", "junit:a"], ["json:-", "junit:-"], ["a.md", "json:linked"]]
)
def test_two_reports_cannot_go_to_one_place(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "linked").symlink_to("a.md")
    with pytest.raises(ReportError, match="cannot both go to"):
        parse_all(asked)


def test_several_are_written_at_once(tmp_path):
    outputs = [Output(name, str(tmp_path / name)) for name in FORMATS] + [Output("json", "-")]
    printed = io.StringIO()
    write(outputs, samples.broken(), printed, options={"terminal": {"verbose": True}})
    for name in ("json", "junit"):
        assert (tmp_path / name).read_text() == render(name, samples.broken())
    assert (tmp_path / "markdown").read_text() == render("markdown", samples.broken(), picture="markdown-trends.svg")
    assert (tmp_path / "terminal").read_text() == render("terminal", samples.broken(), verbose=True)
    assert printed.getvalue() == render("json", samples.broken())
    assert names_in(tmp_path) == sorted([*FORMATS, "markdown-trends.svg"])


def test_a_picture_lies_beside_markdown_that_shows_it(tmp_path):
    file = tmp_path / "go-live (1) é.md"
    write([Output("markdown", str(file))], samples.broken(), io.StringIO(), secrets=["search"], mode=0o640)
    drawn = tmp_path / "go-live (1) é-trends.svg"
    assert drawn.read_text().startswith("<svg ")
    assert "search" not in drawn.read_text()
    assert stat.S_IMODE(drawn.stat().st_mode) == 0o640
    assert "](go-live%20%281%29%20%C3%A9-trends.svg)" in file.read_text()
    assert names_in(tmp_path) == sorted([file.name, drawn.name])


def test_a_picture_lies_beside_the_file_that_a_link_leads_to(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "link.md").symlink_to("a/real.md")
    write([Output("markdown", str(tmp_path / "link.md"))], samples.broken(), io.StringIO())
    assert names_in(tmp_path / "a") == ["real-trends.svg", "real.md"]


def test_there_is_no_picture_of_nothing_and_none_where_there_is_no_place_for_it(tmp_path, monkeypatch):
    summary = str(tmp_path / "summary.md")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", summary)
    write([Output("markdown", summary)], samples.broken(), io.StringIO())
    write([Output("markdown", str(tmp_path / "a.md"))], samples.healthy(), io.StringIO())
    write([Output("json", str(tmp_path / "a.json"))], samples.broken(), io.StringIO())
    printed = io.StringIO()
    write([Output("markdown", "-"), Output("markdown", "/dev/null")], samples.broken(), printed)
    assert "-trends.svg" not in printed.getvalue()
    assert "▁▁▁▁▁▂▁█" in printed.getvalue()  # the line stays
    assert names_in(tmp_path) == ["a.json", "a.md", "summary.md"]


def test_a_picture_that_cannot_be_written_is_told_and_the_report_goes_without(tmp_path):
    (tmp_path / "r-trends.svg").mkdir()
    with pytest.raises(ReportError) as caught:
        write([Output("markdown", str(tmp_path / "r.md"))], samples.broken(), io.StringIO())
    assert str(caught.value) == f"the picture beside {tmp_path / 'r.md'} cannot be written: Is a directory"
    assert (tmp_path / "r.md").read_text() == render("markdown", samples.broken())
    assert names_in(tmp_path) == ["r-trends.svg", "r.md"]


@pytest.mark.parametrize("umask", [0o022, 0o000, 0o777])
@pytest.mark.parametrize(("mode", "options"), [(0o600, {}), (0o644, {"mode": 0o644})])
def test_only_its_owner_reads_it_unless_told_otherwise(tmp_path, mode, options, umask):
    file = tmp_path / "report.md"
    file.write_text("old")
    file.chmod(0o666)
    before = os.umask(umask)
    try:
        write([Output("markdown", str(file))], samples.healthy(), io.StringIO(), **options)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_link_stays_and_its_file_is_written(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_file(str(tmp_path / "link"), "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_pipe_is_written_to(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        write_file(str(pipe), "x" * 50_000)
        assert reader.communicate(timeout=10)[0] == "x" * 50_000
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_secrets_are_in_no_report(tmp_path):
    write([Output("json", str(tmp_path / "a"))], samples.broken(), io.StringIO(), secrets=iter(["Ada Lovelace"]))
    assert "Ada" not in (tmp_path / "a").read_text()


def failing(path, tmp_path):
    return {
        "folder": (tmp_path, "is a directory"),
        "missing": (tmp_path / "no" / "report.md", "No such file or directory"),
        "beneath a file": (tmp_path / "file" / "report.md", "Not a directory"),
        "full": ("/dev/full", "No space left on device"),
        "long": (tmp_path / ("x" * 300), "File name too long"),
    }[path]


@pytest.mark.parametrize("path", ["folder", "missing", "beneath a file", "full", "long"])
def test_what_cannot_be_written_is_named_and_the_others_are_written(path, tmp_path):
    (tmp_path / "file").write_text("")
    place, why = failing(path, tmp_path)
    good = tmp_path / "good.json"
    with pytest.raises(ReportError) as caught:
        write([Output("markdown", str(place)), Output("json", str(good))], samples.healthy(), io.StringIO())
    assert str(caught.value).startswith(f"the markdown report cannot be written to {place}: ")
    assert why.lower() in str(caught.value).lower()
    assert good.read_text() == render("json", samples.healthy())
    assert names_in(tmp_path) == ["file", "good.json"]


def test_a_closed_pipe_is_named():
    class Closed(io.StringIO):
        def write(self, _):
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(ReportError, match="cannot be written to standard output: Broken pipe"):
        write([Output("json", "-")], samples.broken(), Closed())


def test_what_is_printed_is_utf8_on_any_terminal():
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    write([Output("markdown", "-")], samples.broken(), terminal)
    assert terminal.buffer.getvalue().decode() == render("markdown", samples.broken())


def test_a_full_disk_leaves_the_old_report_and_nothing_else(tmp_path):
    file = tmp_path / "report.json"
    file.write_text("old")
    program = """
        import resource, signal, sys, io
        import report_samples as samples
        from golive.report.write import Output, write
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        write([Output("json", sys.argv[1])], samples.broken(), io.StringIO())
    """
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(file)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ReportError: the json report cannot be written" in done.stderr
    assert "File too large" in done.stderr
    assert file.read_text() == "old"
    assert names_in(tmp_path) == ["report.json"]


@pytest.mark.parametrize(
    ("place", "why"), [(".", "it is a folder"), ("no/report.md", "there is no folder"), ("a\0b", "null")]
)
def test_a_bad_place_is_refused_before_anything_is_looked_at(place, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReportError, match=why):
        check_places([Output("markdown", place)])


def test_a_good_place_is_not(tmp_path):
    check_places([Output("json", "-"), Output("json", str(tmp_path / "a.json")), Output("json", "/dev/null")])
    assert not list(tmp_path.iterdir())


def test_a_forbidden_place_is_refused_early_and_late(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    # The tests may run as root, whom nothing is forbidden.
    monkeypatch.setattr("os.access", lambda *_: False)
    monkeypatch.setattr("tempfile.mkstemp", refuse)
    outputs = [Output("json", str(tmp_path / "a.json"))]
    with pytest.raises(ReportError, match="this user may not write in"):
        check_places(outputs)
    with pytest.raises(ReportError, match="Permission denied"):
        write(outputs, samples.healthy(), io.StringIO())


def test_an_unknown_format_is_an_error():
    with pytest.raises(ReportError, match="there is no report format pdf"):
        render("pdf", samples.healthy())


def test_a_format_is_imported_when_it_is_asked_for():
    program = "import sys, golive.report; print([m for m in ('rich', 'json', 'xml', 'html') if m in sys.modules])"
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    assert "rich" not in done.stdout
    assert "xml" not in done.stdout
