"""Who reads an env file, by what stands beside it."""

from __future__ import annotations

import json

import pytest

from golive_checks.systems.env.guess import reader_of


@pytest.mark.parametrize(
    ("files", "reader"),
    [
        ({"package.json": json.dumps({"dependencies": {"dotenv": "^18"}})}, "dotenv"),
        ({"api/package.json": json.dumps({"scripts": {"start": "node --env-file=.env x.js"}})}, "node"),
        ({"requirements.txt": "flask\npython-dotenv==1.2\n"}, "python-dotenv"),
        ({"pyproject.toml": 'dependencies = ["pydantic-settings>=2"]\n'}, "python-dotenv"),
        ({"docker-compose.yml": "services: {a: {image: x}}\n  env_file: .env\n"}, "compose"),
        ({"deploy/api.service": "[Service]\nEnvironmentFile=/etc/api.env\n"}, "systemd"),
        ({"run.sh": "docker run --rm --env-file api.env image\n"}, "docker"),
        ({"run.sh": "set -a\n. ./api.env\n"}, "shell"),
        ({"package.json": "{", "requirements.txt": "# python-dotenv\n"}, None),
        ({"package.json": json.dumps({"dependencies": {"dotenv": "1"}}), "compose.yaml": "env_file: .env\n"}, None),
        ({"package.json": "[]", "compose.yaml": "services: {}\n"}, None),
        ({}, None),
    ],
)
def test_the_reader(files: dict[str, str], reader: str | None) -> None:
    found = reader_of(files)
    assert (found and found[0]) == reader
    assert found is None or found[1] in files
