from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.checks.env.conftest import EXPECTED

from golive import Environment, Location, Outcome, Unavailable
from golive_checks.env.expected import Expected
from golive_checks.env.presence import gateway_set_complete, variables_present
from golive_checks.env.tokens import Tokens
from golive_checks.subjects.repository import Repository
from golive_checks.systems.env.sources import EnvSource
from golive_checks.systems.env.upkeep import Example
from golive_checks.systems.gateways.gateways import EVERY, Gateways
from golive_checks.systems.gateways.variables import ORANGE_NEEDS, NamedInCode, needs

if TYPE_CHECKING:
    from tests.checks.env.conftest import Seen

    from golive import Verdict
    from golive_checks.systems.env.files import EnvFile, Variables

USED = Gateways(enabled=EVERY)
REQUIRED = list(EXPECTED.of("api", EVERY))
NEEDED = [name for gateway in EVERY for name in needs(gateway, USED)]
API = "".join(f"{name}=x\n" for name in dict.fromkeys((*REQUIRED, *NEEDED, *EXPECTED.optional)))
WEB = "".join(f"{name}=x\n" for name in EXPECTED.of("web", EVERY)) + "VITE_ENABLE_STRIPE=x\n"
ENV = Environment("test")


def without(text: str, *names: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if line.partition("=")[0] not in names)


def test_all_are_there(api: EnvFile, seen: Seen) -> None:
    v = seen(API)
    assert variables_present(api, v, {api: v}, USED, Tokens(), EXPECTED).outcome is Outcome.PASS


@pytest.mark.parametrize("name", REQUIRED)
def test_each_is_missed(name: str, api: EnvFile, seen: Seen) -> None:
    v = seen(without(API, name))
    verdict = variables_present(api, v, {api: v}, USED, Tokens(), EXPECTED)
    assert (verdict.outcome, verdict.summary) == (Outcome.FAIL, f"{name} is not set")
    assert verdict.at == Location("api.env")


def test_an_empty_one_is_told_with_its_line(api: EnvFile, seen: Seen) -> None:
    v = seen(without(API, "PORT") + "PORT=\n")
    verdict = variables_present(api, v, {api: v}, USED, Tokens(), EXPECTED)
    assert (verdict.outcome, verdict.summary) == (Outcome.FAIL, "PORT is empty")
    assert verdict.at is not None
    assert verdict.at.line == API.count("\n")


def test_many_are_counted_and_listed(api: EnvFile, seen: Seen) -> None:
    v = seen(without(API, "PORT", "MASTER_DATABASE_URL"))
    verdict = variables_present(api, v, {api: v}, USED, Tokens(), EXPECTED)
    assert verdict.summary == "PORT is not set (and 1 more)"
    assert verdict.evidence == ("PORT is not set (api.env)", "MASTER_DATABASE_URL is not set (api.env)")


@pytest.mark.parametrize("name", ["TENANT_DATABASE_URL", "JWT_RESET_SECRET", "STRIPE_PUBLISHABLE_KEY"])
def test_optional_ones_may_be_absent(name: str, api: EnvFile, seen: Seen) -> None:
    v = seen(without(API, name))
    assert variables_present(api, v, {api: v}, USED, Tokens(), EXPECTED).outcome is Outcome.PASS


def test_the_profile_makes_one_optional_or_asks_for_another(api: EnvFile, seen: Seen) -> None:
    v = seen(without(API, "PORT"))
    spared = replace(api, optional=("PORT",))
    assert variables_present(spared, v, {spared: v}, USED, Tokens(), EXPECTED).outcome is Outcome.PASS
    more = replace(api, optional=("PORT",), required=("SENTRY_DSN",))
    assert variables_present(more, v, {more: v}, USED, Tokens(), EXPECTED).summary == "SENTRY_DSN is not set"


def test_a_gateway_that_is_not_in_use_needs_nothing(api: EnvFile, seen: Seen) -> None:
    v = seen("".join(line + "\n" for line in API.splitlines() if not line.startswith(("MTN", "ORANGE", "PAYPAL"))))
    assert (
        variables_present(api, v, {api: v}, Gateways(enabled=("stripe",)), Tokens(), EXPECTED).outcome is Outcome.PASS
    )


def test_jwks_needs_no_secret(api: EnvFile, seen: Seen) -> None:
    v = seen(without(API, "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET"))
    assert variables_present(api, v, {api: v}, USED, Tokens(signing="jwks"), EXPECTED).outcome is Outcome.PASS


def test_sources_of_one_role_count_together(api: EnvFile, seen: Seen) -> None:
    vault = replace(api, name="vault", source=EnvSource("ssm", "/api/"))
    files = {api: seen(without(API, "JWT_ACCESS_SECRET")), vault: seen("JWT_ACCESS_SECRET=x\n", vault)}
    assert variables_present(api, files[api], files, USED, Tokens(), EXPECTED).outcome is Outcome.PASS


def test_a_source_that_was_not_seen_matters_to_its_own_role_alone(api: EnvFile, web: EnvFile, seen: Seen) -> None:
    v, gap = seen(without(API, "PORT")), Unavailable("the vault does not answer")
    assert variables_present(api, v, {api: v, web: gap}, USED, Tokens(), EXPECTED).outcome is Outcome.FAIL
    vault = replace(api, name="vault")
    assert variables_present(api, v, {api: v, vault: gap}, USED, Tokens(), EXPECTED).outcome is Outcome.UNKNOWN
    v = seen(API)
    assert variables_present(api, v, {api: v, vault: gap}, USED, Tokens(), EXPECTED).outcome is Outcome.PASS


def test_what_is_set_elsewhere_was_not_seen(api: EnvFile, seen: Seen) -> None:
    v = seen(API, elsewhere=("JWT_ACCESS_SECRET",))
    assert variables_present(api, v, {api: v}, USED, Tokens(), EXPECTED).outcome is Outcome.UNKNOWN


def test_another_name_of_theirs_is_shown(api: EnvFile, seen: Seen) -> None:
    renamed = replace(api, names=(("DATABASE_URL", "MASTER_DATABASE_URL"),))
    v = seen(API.replace("MASTER_DATABASE_URL=x", "DATABASE_URL="), renamed)
    verdict = variables_present(renamed, v, {renamed: v}, USED, Tokens(), EXPECTED)
    assert verdict.summary == "DATABASE_URL (MASTER_DATABASE_URL) is empty"


def test_the_web_app_without_stripe_needs_no_key(web: EnvFile, seen: Seen) -> None:
    text = without(WEB, "VITE_STRIPE_PUBLISHABLE_KEY", "VITE_ENABLE_STRIPE")
    v = seen(text, web)
    assert variables_present(web, v, {web: v}, USED, Tokens(), EXPECTED).outcome is Outcome.FAIL
    v = seen(text + "VITE_ENABLE_STRIPE=false\n", web)
    assert variables_present(web, v, {web: v}, USED, Tokens(), EXPECTED).outcome is Outcome.PASS


def test_without_a_preset_nothing_is_demanded(api: EnvFile, seen: Seen) -> None:
    assert variables_present(api, seen(""), {api: seen("")}, USED, Tokens(), Expected()).outcome is Outcome.NA
    own = replace(api, required=("SMTP_URL",))
    verdict = variables_present(own, seen(""), {own: seen("")}, USED, Tokens(), Expected())
    assert verdict.summary == "SMTP_URL is not set"


def test_one_of_two_is_enough(api: EnvFile, seen: Seen) -> None:
    ask = Expected(required={"api": ("SECRET_KEY_BASE|RAILS_MASTER_KEY",)})
    for text, outcome in {
        "RAILS_MASTER_KEY=x\n": Outcome.PASS,
        "SECRET_KEY_BASE=\nRAILS_MASTER_KEY=x\n": Outcome.PASS,
        "SECRET_KEY_BASE=\n": Outcome.FAIL,
        "": Outcome.FAIL,
    }.items():
        assert variables_present(api, seen(text), {api: seen(text)}, USED, Tokens(), ask).outcome is outcome
    spared = replace(api, optional=("RAILS_MASTER_KEY",))
    assert variables_present(spared, seen(""), {spared: seen("")}, USED, Tokens(), ask).outcome is Outcome.NA


def test_of_another_role_nothing_is_known(api: EnvFile, seen: Seen) -> None:
    other = replace(api, role="other")
    assert variables_present(other, seen(""), {other: seen("")}, USED, Tokens(), EXPECTED).outcome is Outcome.NA


def complete(
    files: dict[EnvFile, Variables],
    ask: Gateways = USED,
    *,
    code: frozenset[str] = frozenset([*NEEDED, *ORANGE_NEEDS["cameroon"]]),
    examples: tuple[str, ...] = (),
    expected: Expected | None = None,
) -> Verdict:
    """Judge the gateways' variables of an app whose code and example name these."""
    said = {file: Example({"example": {name: Location("example", 1) for name in examples}}) for file in files}
    seen = {Repository("shop"): NamedInCode(code)}
    return gateway_set_complete(ENV, files, said, seen, ask, expected or Expected())


def test_gateways_are_complete(api: EnvFile, web: EnvFile, seen: Seen) -> None:
    assert complete({api: seen(API), web: seen(WEB, web)}).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("gateway", "name"),
    [(gateway, name) for gateway in EVERY for name in needs(gateway, USED)],
)
def test_half_a_set_is_told(gateway: str, name: str, api: EnvFile, web: EnvFile, seen: Seen) -> None:
    text = without(API, name, "STRIPE_PUBLISHABLE_KEY")
    of_web = seen(without(WEB, name, f"VITE_{name}"), web)
    verdict = complete({api: seen(text), web: of_web})
    assert verdict.outcome is Outcome.FAIL
    assert verdict.summary.startswith(f"{gateway} lacks {name}")


def test_either_publishable_key_is_enough(api: EnvFile, seen: Seen) -> None:
    assert complete({api: seen(API)}).outcome is Outcome.PASS


def test_a_name_counts_where_it_is_set(api: EnvFile, web: EnvFile, seen: Seen) -> None:
    full, bare = seen(API), seen("PAYPAL_CLIENT_SECRET=\n", web)
    for files in ({api: full, web: bare}, {web: bare, api: full}):
        assert complete(files).outcome is Outcome.PASS


def test_the_country_selects_oranges_set(api: EnvFile, seen: Seen) -> None:
    ask = Gateways(enabled=("orange",), orange_api="cameroon")
    verdict = complete({api: seen(API)}, ask)
    assert verdict.summary == "orange lacks ORANGE_MOMO_AUTH_TOKEN and ORANGE_MOMO_PIN of the 4 it needs"
    text = "".join(f"{name}=x\n" for name in ORANGE_NEEDS["cameroon"])
    assert complete({api: seen(text)}, ask).outcome is Outcome.PASS


def test_a_gateways_secret_set_elsewhere_is_unknown(api: EnvFile, seen: Seen) -> None:
    v = seen(API, elsewhere=("PAYPAL_CLIENT_SECRET",))
    assert complete({api: v}).outcome is Outcome.UNKNOWN


UNREAD = ["PAYPAL_WEBHOOK_ID", "MTN_MOMO_TARGET_ENVIRONMENT", "STRIPE_WEBHOOK_SECRET"]


@pytest.mark.parametrize("name", UNREAD)
def test_what_nothing_of_the_app_names_is_not_demanded(name: str, api: EnvFile, seen: Seen) -> None:
    v, rest = seen(without(API, name)), frozenset(NEEDED) - {name}
    unread = complete({api: v}, code=rest)
    assert (unread.outcome, f"lacks {name}" in unread.summary) == (Outcome.WARN, True), unread
    assert "which nothing of the app names" in unread.summary
    assert complete({api: v}, code=rest, examples=(name,)).outcome is Outcome.FAIL
    named = Expected(with_gateway={"paypal": {"api": (name,)}})
    assert complete({api: v}, code=rest, expected=named).outcome is Outcome.FAIL
    assert complete({replace(api, required=(name,)): v}, code=rest).outcome is Outcome.FAIL
    assert complete({replace(api, names=(("THEIRS", name),)): v}, code=rest).outcome is Outcome.FAIL
    assert complete({api: seen(without(API, name) + f"{name}=\n")}, code=rest).outcome is Outcome.FAIL


@pytest.mark.parametrize("name", UNREAD)
def test_what_could_not_be_read_may_name_it(name: str, api: EnvFile, seen: Seen) -> None:
    files, gap, nowhere = {api: seen(without(API, name))}, Unavailable("x cannot be read"), Unavailable("no repository")
    nothing = Example({})
    for examples, code in (({api: gap}, nowhere), ({api: nothing}, {Repository("shop"): gap})):
        got = gateway_set_complete(ENV, files, examples, code, USED, Expected())
        assert (got.outcome, "x cannot be read" in got.summary) == (Outcome.UNKNOWN, True), got
    assert gateway_set_complete(ENV, files, {api: nothing}, nowhere, USED, Expected()).outcome is Outcome.WARN


def test_a_key_that_is_read_behind_a_prefix_is_demanded(api: EnvFile, seen: Seen) -> None:
    v = seen(without(API, "STRIPE_PUBLISHABLE_KEY"))
    rest = frozenset(NEEDED) - {"STRIPE_PUBLISHABLE_KEY"}
    verdict = complete({api: v}, code=rest, examples=("NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY",))
    assert (verdict.outcome, "STRIPE_PUBLISHABLE_KEY" in verdict.summary) == (Outcome.FAIL, True), verdict
