"""Which lines of the checklist a draft leaves out: those of which no file shows a sign, each with its reason."""

from golive_checks.init.databases import UNREAD
from golive_checks.init.envs import BROWSER
from golive_checks.init.survey import Survey

NO_HOST = "no file names a host of this environment"
PAGES = {"site", "app", "shop"}


def left_out(found: Survey) -> dict[str, str]:
    """Return the sections, lines and checks to leave out, with the reason; a whole section where all of it is."""
    parts = (_hosts(found), _env(found), _data(found), _security(found), _watching(found), _release(found), _ci(found))
    return {key: reason for part in parts for key, reason in part.items()}


def serves(found: Survey) -> str:
    """Return what a host with an unspecific name serves, by the repository's framework; empty if there is none."""
    return next((kind for kind in ("site", "api", "app") if kind in found.frameworks), "")


def has_page(found: Survey) -> bool:
    """Return whether any host serves pages."""
    return any((host.role or serves(found)) in PAGES for host in found.hosts)


def _hosts(found: Survey) -> dict[str, str]:
    return {} if found.hosts else {"domains": NO_HOST}


def _env(found: Survey) -> dict[str, str]:
    if not found.envs:
        return {"env": "no env file and no example of one was found"}
    public = any(name.startswith(BROWSER) for env in found.envs for name in env.values)
    return {} if public else {"env.web": "no env file has a variable that reaches browsers"}


def _data(found: Survey) -> dict[str, str]:
    seen = found.databases
    off = {}
    if seen.engine is None:
        off["database"] = "no file names a database"
    elif "Postgres" in seen.engine.what and seen.engine.what != "Postgres":
        off["database"] = (
            f"{seen.engine.where} leaves open whether it is {seen.engine.what}: add `databases:` for Postgres"
        )
    elif seen.engine.what != "Postgres":
        off["database"] = f"golive looks at Postgres, and {seen.engine.where} names {seen.engine.what}"
    elif not any(each.migrations for each in seen.found):
        off["database.migrations"] = _migrations(found)
    if not found.buckets and "S3" not in found.vendors:
        off["storage"] = "no file names a bucket"
    return off


def _migrations(found: Survey) -> str:
    tool = found.databases.tool
    if tool is None:
        return "no migrations were found"
    if tool.what in UNREAD:
        return f"golive does not read {tool.what}'s migrations, which {tool.where} holds"
    if tool.what == "Prisma" or not found.databases.scripts:
        return f"{tool.where} has no folder of migrations yet"
    return f"{found.databases.scripts} holds those of {tool.what}, and no file names the variable of the database's URL"


def _security(found: Survey) -> dict[str, str]:
    off = {} if found.hosts else {"security.cors": NO_HOST, "security.headers": NO_HOST}
    if not (found.tree.root / ".git").exists():
        off["security.secrets"] = "no git repository was found"
    return off | {
        "security.logs": "no file says where the logs of this environment are",
        "security.audit": "no file says which tables are an audit trail",
        "security.data-protection": "no file names a route that exports or deletes a person's data",
    }


def _watching(found: Survey) -> dict[str, str]:
    off = {}
    if not found.load:
        off["observability.bench"] = "no load test was found"
    if not found.prometheus:
        off["observability.monitoring"] = "no configuration of Prometheus was found"
    if "Sentry" not in found.vendors:
        off["observability.errors"] = "neither a package nor a variable of Sentry was found"
    elif not found.envs:
        off["observability.errors"] = "Sentry's variable is in no env file here"
    if not has_page(found):
        off["observability.front"] = "no host serves pages" if found.hosts else NO_HOST
    off["observability.messaging-*"] = "no file says how messages are measured"
    return off


def _release(found: Survey) -> dict[str, str]:
    off = {}
    if "recovery" not in found.documents:
        off["backups"] = "no backup and no document about restoring was found"
    else:
        off["backups.copies"] = "no file says where the backups are"
    gateways = [(name, found.vendors[name]) for name in ("Stripe", "PayPal") if name in found.vendors]
    if gateways:
        named = " and ".join(f"{name} ({seen.where})" for name, seen in gateways)
        off["payments"] = f"{named}: fill in its key, and take this line out"
    if not found.hosts or not (found.live or found.ready):
        off["rollout.health"] = "no health route was found" if found.hosts else NO_HOST
    if not found.smoke:
        off["rollout.tests"] = "no smoke test was found"
    lines = (
        ("runbooks.incident", {"incident"}, "no runbook for incidents was found"),
        ("runbooks.on-call", {"on_call"}, "no document about on-call was found"),
        ("runbooks.change", {"change", "rollback"}, "no document about changes or rolling back was found"),
    )
    return off | {line: words for line, keys, words in lines if not keys & set(found.documents)}


def _ci(found: Survey) -> dict[str, str]:
    if not found.ci.workflows:
        return {"ci": "no workflow of GitHub or GitLab was found"}
    off = {"ci.gating-suites": "no file says which suites must gate a release: name them under ci.suites"}
    if not found.ci.suites:
        off["ci.other-suites"] = "no file says which other suites are to run"
    if not found.ci.playwright:
        other = (
            f"the tests in {found.ci.cypress.where} are Cypress's" if found.ci.cypress else "Playwright was not found"
        )
        off |= {"ci.playwright-installed": other, "ci.browsers-ready": other}
    if not any("node" in found.tree.text(file) for file in found.ci.workflows):
        off["ci.runtime-supported"] = "no workflow uses Node"
    return off
