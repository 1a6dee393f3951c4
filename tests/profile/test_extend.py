from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from desk import Desk

BASE = """\
environment: base
ratio: 0.1
hosts:
  api: {name: api.test, port: 1}
  app: {name: app.test, port: 2, files: [a, b]}
owners: {tls: ops}
"""


def test_mappings_merge_key_by_key_and_the_rest_is_replaced(desk: Desk) -> None:
    desk.profile(BASE, name="base")
    desk.profile(
        """\
        extends: base
        environment: x
        hosts:
          app: {port: 3, files: [c]}
          shop: {name: shop.test}
        """
    )
    profile = desk.load()
    hosts = profile.data.hosts
    assert list(hosts) == ["api", "app", "shop"]
    assert (hosts["api"].port, hosts["app"].port, hosts["app"].name) == (1, 3, "app.test")
    assert [path.rpartition("/")[2] for path in hosts["app"].files] == ["c"]
    assert profile.data.environment == "x"
    assert str(profile.location_of(("hosts", "app", "name"))) == "profiles/base.yaml:5:9"
    assert str(profile.location_of(("hosts", "app", "port"))) == "profiles/p.yaml:4:9"


def test_null_removes_what_is_inherited_and_nothing_else(desk: Desk) -> None:
    desk.profile(BASE, name="base")
    desk.profile("extends: base\nenvironment: x\nhosts: {api: null}\nowners: ~\nratio:\n")
    profile = desk.load()
    assert list(profile.data.hosts) == ["app"]
    assert profile.data.owners == {}
    assert profile.data.ratio == 0.5
    desk.profile("extends: base\nenvironment: x\nhosts: {apii: null}\n")
    assert desk.problems() == ["profiles/p.yaml:3:15: hosts.apii has no value; expected: a mapping"]


def test_a_later_base_stands_over_an_earlier_one(desk: Desk) -> None:
    desk.profile("environment: a\nratio: 0.1\nstrict: true\n", name="a")
    desk.profile("environment: b\nratio: 0.2\n", name="b")
    desk.profile("extends: [a, ./b.yaml]\n")
    data = desk.load().data
    assert (data.environment, data.ratio, data.strict) == ("b", 0.2, True)


def test_a_base_shared_by_two_is_read_once(desk: Desk) -> None:
    desk.profile("environment: root\nratio: 0.1\n", name="root")
    desk.profile("extends: root\nratio: 0.2\n", name="a")
    desk.profile("extends: root\n", name="b")
    desk.profile("extends: [a, b]\n")
    assert desk.load().data.ratio == 0.1


def test_a_base_may_lie_elsewhere_and_its_paths_are_its_own(desk: Desk) -> None:
    desk.write("shared/base.yaml", "environment: x\nhosts: {api: {name: a, files: [ca.pem, /etc/x, ../y]}}\n")
    desk.profile("extends: ../shared/base.yaml\n")
    profile = desk.load()
    root = str(desk.folder)
    assert profile.data.hosts["api"].files == (f"{root}/shared/ca.pem", "/etc/x", f"{root}/y")
    assert profile.document["hosts"]["api"]["files"] == ["../shared/ca.pem", "/etc/x", "../y"]


RINGS = [
    ({"p": "p"}, "profiles/p.yaml:1:10: profiles extend one another in a ring: profiles/p.yaml -> profiles/p.yaml"),
    (
        {"p": "a", "a": "b", "b": "a"},
        (
            "profiles/b.yaml:1:10: profiles extend one another in a ring: "
            "profiles/a.yaml -> profiles/b.yaml -> profiles/a.yaml"
        ),
    ),
]


@pytest.mark.parametrize(("extends", "told"), RINGS)
def test_a_ring_is_refused_with_its_chain(desk: Desk, extends: dict[str, str], told: str) -> None:
    for name, base in extends.items():
        desk.profile(f"extends: {base}\nenvironment: x\n", name=name)
    assert desk.problems() == [told]


BAD = [
    ("extends: ./gone.yaml", "profiles/p.yaml:1:10: extends './gone.yaml', but there is no 'profiles/gone.yaml'"),
    ("extends: 5", "profiles/p.yaml:1:10: extends: expects a profile's name or path, or a list of them"),
    ("extends: {a: b}", "profiles/p.yaml:1:10: extends: expects a profile's name or path, or a list of them"),
    ("extends: [base, [base]]", "profiles/p.yaml:1:10: extends: expects a profile's name or path, or a list of them"),
    ('extends: ""', "profiles/p.yaml:1:10: no profile is named"),
]


@pytest.mark.parametrize(("text", "told"), BAD)
def test_a_bad_base_is_told_where_it_is_named(desk: Desk, text: str, told: str) -> None:
    desk.profile(BASE, name="base")
    desk.profile(f"{text}\nenvironment: x\n")
    assert desk.problems() == [told]


def test_a_slip_in_a_base_is_told_in_the_base(desk: Desk) -> None:
    desk.profile(BASE + "rato: 1\n", name="base")
    desk.profile("extends: base\nenvironmen: x\n")
    assert [line.partition(";")[0] for line in desk.problems()] == [
        "profiles/base.yaml:7:1: unknown key 'rato' (did you mean 'ratio'?)",
        "profiles/p.yaml:2:1: unknown key 'environmen' (did you mean 'environment'?)",
    ]


def test_a_long_chain_of_profiles_ends(desk: Desk) -> None:
    for number in range(100):
        desk.profile(f"extends: p{number + 1}\nenvironment: x\n", name=f"p{number}")
    [line] = desk.problems("p0")
    assert line.endswith("more than 30 profiles extend one another")


def test_profiles_that_are_large_together_are_refused(desk: Desk) -> None:
    for name in "abc":
        desk.profile(f"environment: x\nx{name}: [{'1,' * 20_000}]\n", name=name)
    desk.profile("extends: [a, b, c]\n")
    assert "more than 50,000 values, with what it extends" in desk.problems()[0]


def test_a_base_that_is_nowhere_names_the_nearest(desk: Desk) -> None:
    desk.profile("environment: base\n", name="base")
    desk.profile("extends: bas\nenvironment: x\n")
    (told,) = desk.problems()
    assert told.startswith("profiles/p.yaml:1:10: no profile 'bas' in '")
    assert told.endswith("; there are base and p (did you mean 'base'?)")
