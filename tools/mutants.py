#!/usr/bin/env python3
"""Change the judges, one small thing at a time, and see whether their tests notice: mutation testing.

usage: python tools/mutants.py [JUDGE ...]       for example: python tools/mutants.py security/csp

Without a judge it takes those of tests/mutants.txt, and fails where a mutant lives that is not listed there with a
reason, or fewer than nine tenths of a judge's are killed. `every` takes all modules of the sections.

What is changed is mutmut's to say: its operators make the mutants. Its own runner leaves out every function with a
decorator, which each check has, and every table; cosmic-ray's starts pytest anew for each of ten thousand mutants.
This one imports everything once, sees which tests reach which function, and forks for each mutant.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import os
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string

PROJECT = Path(__file__).resolve().parent.parent
CHECKS, TESTS, LISTED = PROJECT / "checks/golive_checks", PROJECT / "tests/checks", PROJECT / "tests/mutants.txt"
SECTIONS = tuple(sorted(folder.name for folder in TESTS.iterdir() if (CHECKS / folder.name / "__init__.py").is_file()))
WANTED = 0.9
CPU_S, WALL_S = 20, 120
"""One mutant's tests take no longer: one that loops for ever is killed by that."""
QUIET = ("-q", "-x", "-p", "no:cacheprovider", "--no-header", "-p", "no:xdist")
UNCHANGED = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.TypeAlias)
TYPES = ("dict", "list", "set", "tuple", "frozenset", "ClassVar")
SHOWN_BY = ("shortened", "listed", "Field")
"""Calls whose numbers say how much is shown, or which values a profile may have: its own tests try these."""


# --- the mutants ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """One change. `function` is the line of the outermost function's name; 0 for a table."""

    function: int
    before: str
    after: str
    source: str

    @property
    def line(self) -> str:
        """The change as tests/mutants.txt lists it."""
        return f"{self.before} -> {self.after}"


def mutants(file: Path) -> Iterator[Mutant]:
    """Yield the mutants of a module, but for those that change words alone: what is shown decides nothing."""
    whole = MetadataWrapper(cst.parse_module(file.read_text(encoding="utf-8")))
    lines = {node: place.start.line for node, place in whole.resolve(PositionProvider).items()}
    module: Any = whole.module
    before, seen = module.code, set[str]()
    for node, function in _nodes(module, None):
        for after in _changes(node):
            source = module.deep_replace(node, after).code
            if source not in seen and source != before and _compiles(source):
                seen.add(source)
                yield Mutant(lines[function.name] if function else 0, *_changed(before, source), source)


def _nodes(node: Any, function: cst.FunctionDef | None) -> Iterator[tuple[Any, cst.FunctionDef | None]]:
    """Yield what may be changed, each with the outermost function that it is in."""
    if isinstance(node, UNCHANGED) or _is_prose(node) or _is_typing(node):
        return
    if isinstance(node, cst.FunctionDef) and function is None:
        function = node
    yield node, function
    for child in node.children:
        yield from _nodes(child, function)


def _changes(node: Any) -> Iterator[cst.CSTNode]:
    """Yield what may stand in the place of a node."""
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            made = list(operator(node))
            # A text's two others change upper and lower case, to which most of what is compared is blind.
            for after in made[:1] if operator is operator_string else made:
                if not (isinstance(node, cst.Call) and _sentences(after) < _sentences(node)):
                    yield after


def _is_prose(node: Any) -> bool:
    """Return whether a node is a sentence, or says how much of a text is shown."""
    if isinstance(node, cst.SimpleString):
        return " " in node.value or node.value.startswith('"""')
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Name) and node.func.value in SHOWN_BY
    return isinstance(node, cst.ConcatenatedString | cst.FormattedString)


def _sentences(call: Any) -> int:
    return sum(_is_prose(argument.value) for argument in call.args)


def _is_typing(node: Any) -> bool:
    """Return whether a node only says of which type something is: `dict[str, str]()`, `Defect = tuple[bool, str]`."""
    if isinstance(node, cst.Assign):
        name = node.targets[0].target
        return isinstance(name, cst.Name) and name.value[0].isupper() and not name.value.isupper()
    return isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name) and node.value.value in TYPES


def _changed(before: str, after: str) -> tuple[str, str]:
    """Return the lines in which two texts differ, each as one line."""
    one, two = before.splitlines(), after.splitlines()
    start = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    end = 0
    while end < min(len(one), len(two)) - start and one[-1 - end] == two[-1 - end]:
        end += 1
    first, second = (" ".join(" ".join(of[start : len(of) - end]).split()) for of in (one, two))
    return first, second


def _compiles(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


# --- one judge --------------------------------------------------------------------------------------------------------


@dataclass
class Reached:
    """Notes which tests reach which function of a file, as a plugin of pytest. A function is its first line."""

    file: str
    tests: dict[int, list[str]] = field(default_factory=dict)
    now: set[int] = field(default_factory=set)

    def pytest_runtest_setup(self) -> None:
        """Begin to look."""
        self.now = set()
        sys.setprofile(self._seen)

    def pytest_runtest_teardown(self, item: Any) -> None:
        """Note what one test reached."""
        sys.setprofile(None)
        for line in self.now:
            self.tests.setdefault(line, []).append(item.nodeid)

    def _seen(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename == self.file:
            self.now.add(frame.f_code.co_firstlineno)

    def of(self, function: range) -> list[str]:
        """Return the tests that reach a function, by its lines."""
        return sorted({test for line, tests in self.tests.items() if line in function for test in tests})


@dataclass
class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from another text than its own."""

    file: Path
    source: str

    def find_spec(self, name: str, *_: object) -> Any:
        """Find that module alone."""
        own = ".".join(self.file.relative_to(CHECKS.parent).with_suffix("").parts)
        return importlib.util.spec_from_file_location(name, self.file, loader=self) if name == own else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the text."""
        exec(compile(self.source, str(self.file), "exec"), vars(module))  # noqa: S102 - golive's own, changed


def judge(name: str) -> tuple[int, list[Mutant]]:
    """Return how many mutants a judge has, and those that its tests let live."""
    import pytest  # noqa: PLC0415 - imported once, before the forks

    file, tests = CHECKS / f"{name}.py", tests_of(name)
    reached = Reached(str(file))
    with silent():
        code = pytest.main([*QUIET, *tests], plugins=[reached])
    if code != 0:
        sys.exit(f"{name}: its tests are red as they are: {' '.join(tests)}")
    forget()
    text = file.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    bodies = {n.lineno: range(min([n.lineno, *(d.lineno for d in n.decorator_list)]), (n.end_lineno or 0) + 1)
              for n in functions}  # fmt: skip
    everything = range(len(text))
    if killed(Changed(file, text), reached.of(everything)):
        sys.exit(f"{name}: its tests are red when it is imported anew, so they would kill any mutant")
    found = list(mutants(file))
    return len(found), [
        each
        for each in found
        if not killed(Changed(file, each.source), reached.of(bodies.get(each.function, everything)))
    ]


def tests_of(name: str) -> list[str]:
    """Return the files of a judge's own tests: those of its name first, then the others of its section."""
    section, _, own = name.rpartition("/")
    found = (TESTS / section).glob("test_*.py")
    return [str(file) for file in sorted(found, key=lambda file: (not file.stem.startswith(f"test_{own}"), file.name))]


def forget() -> None:
    """Drop the judges and the tests from what is imported: they are imported anew with each mutant."""
    kept = ("golive_checks.systems.", "golive_checks.subjects")
    for name, module in list(sys.modules.items()):
        judges = name.startswith("golive_checks.") and not name.startswith(kept)
        if judges or str(getattr(module, "__file__", None) or "").startswith(str(PROJECT / "tests")):
            del sys.modules[name]


def killed(changed: Changed, tests: Sequence[str]) -> bool:
    """Return whether tests fail with a module changed, or do not end; without a test nothing does."""
    if not tests:
        return False
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
            signal.alarm(WALL_S)
            sys.meta_path.insert(0, changed)
            import pytest  # noqa: PLC0415 - there already

            with silent():
                code = int(pytest.main([*QUIET, *tests]))
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] != 0


@contextmanager
def silent() -> Iterator[None]:
    """Send what is printed nowhere."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield


# --- all of them ------------------------------------------------------------------------------------------------------


def listed() -> dict[str, dict[str, str]]:
    """Return the mutants that may live, by judge, each with its reason."""
    found: dict[str, dict[str, str]] = {}
    for line in LISTED.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            found[line.strip("[]")] = {}
        elif line and not line.startswith("#"):
            mutant, _, reason = line.rpartition(" | ")
            found[list(found)[-1]][mutant] = reason
    return found


def main(names: Sequence[str]) -> None:
    """Print what of each judge is killed and what lives; fail where more lives than is listed."""
    os.chdir(PROJECT)
    known, bad = listed(), False
    if "every" in names:
        names = [
            f"{section}/{file.stem}" for section in SECTIONS for file in sorted((CHECKS / section).glob("[!_]*.py"))
        ]
    for name in names or known:
        if os.fork() == 0:  # a process each: pytest remembers what it imported
            total, alive = judge(name)
            fresh = [each for each in (mutant.line for mutant in alive) if each not in known.get(name, {})]
            share = 1 - len(alive) / max(total, 1)
            print(f"{name}: {total - len(alive)} of {total} killed, {share:.0%}", *fresh, sep="\n    ", flush=True)
            os._exit(bool(fresh) or share < WANTED)
        bad = os.wait()[1] != 0 or bad
    sys.exit(bad)


if __name__ == "__main__":
    main(sys.argv[1:])
