"""A client of language servers (LSP 3.17): what an editor would show of a file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SERVER = Path(sys.prefix, "node/node_modules/yaml-language-server/bin/yaml-language-server")


class LanguageServer:
    """The YAML language server of most editors, spoken to over its standard input."""

    def __init__(self, schema: Path) -> None:
        self.schema = schema
        self.number = 0
        self.marked: dict[str, list[str]] = {}
        self.process = subprocess.Popen(
            ["node", SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.ask("initialize", processId=None, rootUri=None, capabilities={}, initializationOptions={})
        self.tell("initialized")

    def close(self) -> None:
        self.ask("shutdown")
        self.tell("exit")
        self.process.communicate(timeout=30)

    def tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        while True:
            answer = self._receive()
            if answer.get("id") == self.number and "method" not in answer:
                assert "error" not in answer, answer["error"]
                return answer.get("result")

    def open(self, uri: str, text: str) -> list[str]:
        """Open a file, and return what is marked in it."""
        self.tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text})
        while uri not in self.marked:
            self._receive()
        return self.marked[uri]

    def hover(self, uri: str, line: int, character: int) -> str:
        found = self.ask(
            "textDocument/hover", textDocument={"uri": uri}, position={"line": line, "character": character}
        )
        return found["contents"]["value"] if found else ""

    def completions(self, uri: str, line: int, character: int) -> dict[str, str]:
        at = {"line": line, "character": character}
        found = self.ask("textDocument/completion", textDocument={"uri": uri}, position=at)
        return {item["label"]: item.get("insertText", "") for item in found["items"]}

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout
        size = 0
        while (line := self.process.stdout.readline()) != b"\r\n":
            assert line, "the server ended"
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        message: dict[str, Any] = json.loads(self.process.stdout.read(size))
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.marked[params["uri"]] = [found["message"] for found in params["diagnostics"]]
        elif "id" in message and "method" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: dict[str, Any]) -> Any:
        """Answer what the server asks its editor: the settings, with our schema for every file."""
        if message["method"] != "workspace/configuration":
            return None
        ours = {"schemas": {self.schema.as_uri(): "*"}, "validate": True, "hover": True, "completion": True}
        ours |= {"schemaStore": {"enable": False}, "hoverSettings": {"showSource": False, "showTitle": True}}
        return [ours if item.get("section") == "yaml" else None for item in message["params"]["items"]]
