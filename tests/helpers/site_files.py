"""What a site of a test answers: a page, or files by their names."""

from collections.abc import Callable
from typing import Any

from golive_lab.parts.asgi import HttpAnswer


def html(body: str = "hello", status: int = 200, **headers: str) -> HttpAnswer:
    return HttpAnswer(status, "text/html; charset=utf-8", body.encode(), tuple(headers.items()))


def serves(**files: str | bytes | HttpAnswer) -> Callable[[str, Any], HttpAnswer]:
    """Serve files, named with _ for a slash; the page for any other path, as a single-page app does."""
    kinds = {"js": "text/javascript", "css": "text/css", "png": "image/png", "json": "application/json"}

    def respond(path: str, _: Any) -> HttpAnswer:
        found = next((files[n] for n in files if path == "/" + n.replace("__", ".").replace("_", "/")), None)
        if found is None:
            return html(str(files["index"]))
        if isinstance(found, HttpAnswer):
            return found
        data = found.encode() if isinstance(found, str) else found
        return HttpAnswer(200, kinds.get(path.rpartition(".")[2], "text/html"), data)

    return respond
