"""JUnit's XML, read as a stream: no document type, so no entity that could expand; bounded in depth and number."""

from collections.abc import Iterator
from xml.parsers import expat

from golive import Unavailable, shortened
from golive_checks.systems.test_reports.run_report import Case, RunReport, State

MAX_DEPTH, MAX_CASES = 50, 200_000
MARKS = {"failure": State.FAILED, "error": State.FAILED, "skipped": State.SKIPPED}
FLAKY = {"flakyFailure", "flakyError", "rerunFailure", "rerunError"}
"""Maven Surefire's, of a test that passed when it was run again, or failed each time."""
FILES = (".ts", ".tsx", ".js", ".mjs", ".cjs", ".py", ".rb", ".php", ".java")


class _Reader:
    def __init__(self) -> None:
        self.open: list[tuple[str, dict[str, str]]] = []
        self.tests = RunReport()
        self.declared_failures = 0
        self._case: tuple[str, str] | None = None
        self._state = State.PASSED
        self.root = ""

    def start(self, name: str, given: dict[str, str]) -> None:
        self.open.append((name, given))
        if len(self.open) > MAX_DEPTH or len(self.tests.cases) > MAX_CASES:
            raise ValueError("is larger than any test run")
        self.root = self.root or name
        inside = self.open[-2][0] if len(self.open) > 1 else ""
        if name == "testcase":
            self._case, self._state = (given.get("name", ""), self._file(given)), State.PASSED
            if given.get("status") in {"skipped", "disabled", "notrun"}:  # GoogleTest's
                self._state = State.SKIPPED
        elif inside == "testcase" and name in MARKS and self._state != State.FAILED:
            self._state = MARKS[name]
        elif inside == "testcase" and name in FLAKY and self._state == State.PASSED:
            self._state = State.FLAKY
        elif name == "property" and inside == "properties":
            self.tests.properties.setdefault(given.get("name", "").lower(), given.get("value", "")[:200])
        elif name == "testsuite":
            self.declared_failures += sum(_number(given.get(key)) for key in ("failures", "errors"))

    def end(self, name: str) -> None:
        self.open.pop()
        if name == "testcase" and self._case:
            self.tests.cases.append(Case(self._case[0][:300], self._case[1][:300], self._state))
            self._case = None

    def _file(self, given: dict[str, str]) -> str:
        """Return the file that a case stands in, by whichever attribute tells it."""
        suites = [attributes for name, attributes in reversed(self.open) if name == "testsuite"]
        named = [given.get("file", ""), *(s.get("file", "") for s in suites), given.get("classname", "")]
        lines = [*named, *(s.get("name", "") for s in suites)]
        return next((n for n in lines if n.endswith(FILES)), given.get("classname", ""))


def read_junit(data: bytes, path: str) -> RunReport:
    """Read a report.

    Raises:
        Unavailable: it is none, or breaks off.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse
    try:
        for piece in _pieces(data):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003 - expat's own: it was the last
    except ValueError as problem:
        raise Unavailable(f"{path} {problem}") from None
    except expat.ExpatError as problem:
        raise Unavailable(f"{path}:{problem.lineno} is no JUnit report: {expat.ErrorString(problem.code)}") from None
    if reader.root not in {"testsuites", "testsuite"}:
        raise Unavailable(f"{path} is no JUnit report: it begins with <{shortened(reader.root, 40)}>")
    failed = sum(case.state == State.FAILED for case in reader.tests.cases)
    if not failed and reader.declared_failures:  # a suite that could not be set up has no case that failed
        reader.tests.errors.append(f"its suites count {reader.declared_failures} failures")
    return reader.tests


def _refuse(*_: object) -> None:
    raise ValueError("has a document type, which no JUnit report needs and which may hide an entity bomb")


def _pieces(data: bytes, size: int = 65_536) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - digits
