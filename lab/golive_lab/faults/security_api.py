"""What can be wrong with logins, people's data, and what is served that should not be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.faults.env import IN_GIT, written
from golive_lab.world.env_texts import set_to
from golive_lab.world.leaks import FILES, ROUTES
from golive_lab.world.login import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

COOKIES, JWT, EXPOSED = "cookies.flagged", "jwt.forgery-refused", "web.nothing-exposed"
EXPORT, DELETE = "privacy.export-exists", "privacy.delete-exists"


def login(**changes: Any) -> Callable[[World], World]:
    """Change how the API takes logins, and nothing else."""
    return lambda world: replace(world, app=replace(world.app, login=replace(world.app.login, **changes)))


def leaks(**changes: Any) -> Callable[[World], World]:
    """Change what is served that should not be, and nothing else."""
    return lambda world: replace(world, app=replace(world.app, leaks=replace(world.app.leaks, **changes)))


def cookie(text: str) -> Callable[[World], World]:
    """Change what the session's cookie says."""
    return login(cookie=f"__Host-sid=<value>; {text}")


def _named(path: str) -> str:
    """Name a fault by a path."""
    return path.strip("/.").replace("/", "-").replace(".", "-").lower()


def published(text: str) -> str:
    """Write the API's secret into the example, where another app's name for it stands; the real file is as it was."""
    return set_to(text, "JWT_ACCESS_SECRET", SECRET)


FAULTS = (
    Fault("cookies.not-http-only", COOKIES, "Scripts can read the session", cookie("Path=/; Secure; SameSite=Lax")),
    Fault(
        "cookies.not-secure",
        COOKIES,
        "The session is not Secure: by its prefix browsers throw it away",
        cookie("Path=/; HttpOnly; SameSite=Lax"),
    ),
    Fault(
        "cookies.host-with-domain",
        COOKIES,
        "__Host- with a Domain: browsers throw the session away",
        cookie("Path=/; Domain=demo.test; Secure; HttpOnly; SameSite=Lax"),
    ),
    Fault("cookies.odd-same-site", COOKIES, "SameSite is no word", cookie("Path=/; Secure; HttpOnly; SameSite=Yes")),
    Fault("cookies.no-same-site", COOKIES, "SameSite is absent", cookie("Path=/; Secure; HttpOnly"), outcome="warn"),
    Fault("cookies.not-set", COOKIES, "No answer sets the session", login(cookie=""), outcome="unknown"),
    Fault("jwt.nothing-verified", JWT, "The signature is not looked at", login(verifies="nothing")),
    Fault("jwt.none-accepted", JWT, "alg: none is accepted", login(verifies="none")),
    Fault("jwt.none-in-capitals-accepted", JWT, "alg: None is accepted, and none is not", login(verifies="any none")),
    Fault("jwt.default-secret", JWT, "The secret is `secret`", login(verifies="default")),
    Fault("jwt.example-secret", JWT, "The secret is in the example file", written(published, "api_example"), IN_GIT),
    Fault("jwt.expired-accepted", JWT, "Tokens are good forever", login(verifies="no end")),
    Fault("jwt.any-audience", JWT, "Tokens for another audience are accepted", login(verifies="no audience")),
    Fault("jwt.key-as-secret", JWT, "A public key is taken as an HS256 secret", login(verifies="key as secret")),
    Fault(
        "jwt.not-protected",
        JWT,
        "The protected route asks for no token",
        login(verifies="no token"),
        also=(EXPORT,),
    ),
    Fault(
        "jwt.all-refused",
        JWT,
        "The protected route refuses good tokens too",
        login(verifies="refuses"),
        outcome="unknown",
    ),
    Fault("privacy.export-open", EXPORT, "Everyone is given a person's data", login(export="open")),
    Fault("privacy.export-missing", EXPORT, "There is no way to be given one's data", login(export="missing")),
    Fault("privacy.delete-missing", DELETE, "There is no way to be deleted", login(delete="missing")),
    Fault(
        "privacy.export-unreported",
        EXPORT,
        "No document lists the routes, and all paths ask for a login",
        login(documented=False, hides=True),
        also=(DELETE,),
        outcome="unknown",
    ),
    *(
        Fault(f"web.front-{_named(path)}", EXPOSED, f"The front end's folder holds {path}", leaks(files=(path,)))
        for path in FILES
    ),
    *(Fault(f"web.api-{_named(path)}", EXPOSED, f"The API answers {path}", leaks(routes=(path,))) for path in ROUTES),
    Fault("web.source-maps", EXPOSED, "The scripts' source maps are served", leaks(source_maps=True)),
    Fault("web.stack-traces", EXPOSED, "Errors show where in the code they were made", leaks(traces=True)),
)
