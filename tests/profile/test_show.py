from __future__ import annotations

import json
from typing import TYPE_CHECKING

from golive.profile.show import show, show_json

if TYPE_CHECKING:
    from desk import Desk


def test_show_is_yaml_that_says_where_everything_came_from(desk: Desk) -> None:
    desk.environ |= {"PORT": "8443"}
    desk.write("profiles/token", "canary-7f3a9c")
    desk.profile("environment: base\nhosts: {api: {name: a, port: '${PORT}'}}\nowners: {tls.*: Öps}\n", name="base")
    desk.profile(
        """\
        extends: base
        environment: x
        variables: {secrets: {TOKEN: {file: token}}}
        hosts: {api: {login: "${TOKEN}", headers: {}}}
        plugins: [a.py]
        """
    )
    profile = desk.load()
    shown = show(profile)
    assert shown.splitlines()[:2] == [f"# p: {desk.folder}/profiles/p.yaml", f"# digest {profile.digest}"]
    assert "\n".join(line.rstrip() for line in shown.splitlines()[2:]) == "\n".join(
        [
            'environment: "x"                              # profiles/p.yaml:2:1',
            "hosts:                                        # profiles/p.yaml:4:1",
            "  api:                                        # profiles/p.yaml:4:9",
            '    name: "a"                                 # profiles/base.yaml:2:15',
            '    port: "8443"                              # profiles/base.yaml:2:24, ${PORT} from the environment',
            (
                f'    login: "**********"                       # profiles/p.yaml:4:15, ${{TOKEN}} from file '
                f"'{desk.folder}/profiles/token'"
            ),
            "    headers: {}                               # profiles/p.yaml:4:34",
            "owners:                                       # profiles/base.yaml:3:1",
            '  "tls.*": "Öps"                              # profiles/base.yaml:3:10',
            'extends: "base"                               # profiles/p.yaml:1:1',
            "variables:                                    # profiles/p.yaml:3:1",
            "  secrets:                                    # profiles/p.yaml:3:13",
            "    TOKEN:                                    # profiles/p.yaml:3:23",
            '      file: "token"                           # profiles/p.yaml:3:31',
            "plugins:                                      # profiles/p.yaml:5:1",
            '  - "a.py"                                    # profiles/p.yaml:5:11',
        ]
    )
    desk.write("profiles/again.yaml", shown.replace('"base"', "[]"))
    assert desk.load("again").data.hosts["api"].port == 8443


def test_show_json_is_for_programs(desk: Desk) -> None:
    desk.profile("environment: ${E:-x}\nhosts: {api: {name: a, login: secret-literal}}\n")
    told = json.loads(show_json(desk.load()))
    assert told["profile"]["hosts"]["api"]["login"] == "**********"
    assert told["origins"][0] == {
        "path": ["environment"],
        "file": "profiles/p.yaml",
        "line": 1,
        "column": 1,
        "from": "${E} from its default",
    }


def test_nothing_shown_can_move_a_terminals_cursor(desk: Desk) -> None:
    desk.profile('environment: "x\\e[2J\\u202e"\nowners: {"a\\nb": c}\n')
    shown = show(desk.load())
    assert "\x1b" not in shown
    assert "\u202e" not in shown
