"""What a site of a test answers: a page, or files by their names."""

from collections.abc import Callable
from typing import Any

from golive_lab.parts.asgi import Answer


def html(body: str = "hello", status: int = 200, **headers: str) -> Answer:
    return Answer(status, "text/html; charset=utf-8", body.encode(), tuple(headers.items()))


def serves(**files: str | bytes | Answer) -> Callable[[str, Any], Answer]:
    """Serve files, named with _ for a slash; the page for any other path, as a single-page app does."""
    kinds = {"js": "text/javascript", "css": "text/css", "png": "image/png", "json": "application/json"}

    def respond(path: str, _: Any) -> Answer:
        found = next((files[n] for n in files if path == "/" + n.replace("__", ".").replace("_", "/")), None)
        if found is None:
            return html(str(files["index"]))
        if isinstance(found, Answer):
            return found
        data = found.encode() if isinstance(found, str) else found
        return Answer(200, kinds.get(path.rpartition(".")[2], "text/html"), data)

    return respond
