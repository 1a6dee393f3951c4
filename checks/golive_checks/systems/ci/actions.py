"""What actions of GitHub's marketplace run: those that are given a command, and those that install packages. Pure."""

import re
from collections.abc import Mapping

from golive_checks.systems.ci import cypress

YARN_ACTION = "borales/actions-yarn"
RUNS = {
    "nick-fields/retry": "command",
    "nick-invision/retry": "command",
    "Wandalen/wretry.action": "command",
    "coactions/setup-xvfb": "run",
    "GabrielBB/xvfb-action": "run",
    "cypress-io/github-action": "command",
    YARN_ACTION: "cmd",
    "mxschmitt/action-xvfb": "run",
}
"""Actions that run a command and end as it does, and the input that holds it."""
INSTALLS = ("bahmutov/npm-install", "cypress-io/github-action", "pnpm/action-setup", "voidzero-dev/setup-vp")
COMPOSER_ACTION = "ramsey/composer-install"
RUN_INSTALL = "run_install"
"""What lets pnpm/action-setup install: https://github.com/pnpm/action-setup#run_install."""
QUIET = re.compile(
    r"(?i)^(?:actions|docker|github|aws-actions|azure|google-github-actions|hashicorp|codecov|peaceiris|softprops|slackapi)/"
    r"|setup|login|cache|checkout|upload|download|artifact|notify|slack|release|comment|label|coverage|configure|lint|scan"
    r"|paths-filter|changed-files|semantic|changeset|stale|sonar|trivy|snyk|dependabot|dependency|badge|deploy|alls-green|wait"
)
"""Actions whose names say that they run no tests of the repository."""


def script_of(uses: str, inputs: Mapping[str, str]) -> str:
    """Return the command that an action is given; empty where none is known. `docker://IMAGE` runs its args."""
    if uses.startswith("docker://"):
        return inputs.get("args", "")
    name = uses.partition("@")[0]
    given = inputs.get(RUNS.get(name, ""), "")
    if name == YARN_ACTION and given:
        return f"yarn {given}"
    return cypress.of_action(inputs) if name == cypress.ACTION and not given else given


def goes_on(uses: str, inputs: Mapping[str, str]) -> str:
    """Say what lets an action end well although its command fails: an input of nick-fields/retry."""
    given = inputs.get("continue_on_error", "") if uses.partition("@")[0] in RUNS else ""
    return f"continue_on_error: {given}" if given.lower() not in {"", "false"} else ""


def may_run_tests(uses: str) -> bool:
    """Return whether an action may run the repository's tests, for all that its name says."""
    return not QUIET.search(uses.partition("@")[0]) and not uses.startswith("docker://")


def installs_packages(uses: str, inputs: Mapping[str, str]) -> bool:
    """Return whether an action installs the project's packages."""
    name = uses.partition("@")[0]
    if name == "pnpm/action-setup":
        return inputs.get(RUN_INSTALL, "false").strip().lower() not in {"", "false", "null"}
    return name in INSTALLS and inputs.get("install", "true").lower() != "false"


def install_command(uses: str, inputs: Mapping[str, str], manager: str) -> str:
    """Return the command by which an action installs packages, where it does; `manager`: the one with a lock file.

    Sources: https://github.com/cypress-io/github-action#custom-install-command, https://github.com/bahmutov/npm-install,
    https://github.com/pnpm/action-setup#run_install, https://github.com/ramsey/composer-install
    """
    name = uses.partition("@")[0]
    if name == COMPOSER_ACTION:
        return "composer install" if inputs.get("dependency-versions", "locked") == "locked" else "composer update"
    if name not in INSTALLS or not installs_packages(uses, inputs):
        return ""
    if name == "pnpm/action-setup":
        return " ".join(["pnpm install", *re.findall(r"--[\w=.-]+", inputs.get(RUN_INSTALL, ""))])
    if given := inputs.get("install-command", ""):
        return given
    if inputs.get("useLockFile", "true").lower() == "false" or not manager:
        return "npm install"
    return {"npm": "npm ci", "yarn": "yarn --frozen-lockfile"}.get(manager, f"{manager} install --frozen-lockfile")
