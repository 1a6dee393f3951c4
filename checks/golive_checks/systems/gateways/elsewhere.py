"""Whether an answer is that of a path's own handler, or the one that any path gets. Pure."""

from collections.abc import Sequence

from golive_checks.systems.http.client.message import Response


def no_such_path(path: str, name: str) -> str:
    """Return a path of the same kind that no handler takes: beside the path, or beside what comes before its {marks}.

    Any value in a mark's place would be one more of the handler's own paths.
    """
    path, _, query = path.partition("?")
    fixed = path.partition("{")[0].rpartition("/")[0] if "{" in path else path.rstrip("/")
    beside = f"{fixed or '/'}-{name}{path.removeprefix(fixed) if '{' in path else ''}"
    return f"{beside}?{query}" if query else beside


def any_path_gets(got: Response, nowhere: Sequence[Response]) -> bool:
    """Return whether paths that do not exist get the very same answer.

    Where their own answers differ from one another, as by a time in them, a difference says nothing.
    """
    first, *others = (_without_path(each) for each in nowhere)
    return any(other != first for other in others) or _without_path(got) == first


def _without_path(got: Response) -> tuple[int, bytes]:
    """Return an answer without the path that it may repeat."""
    path = "/" + got.url.partition("://")[2].partition("/")[2].partition("?")[0]
    return got.status, got.body.replace(path.encode(), b"")
