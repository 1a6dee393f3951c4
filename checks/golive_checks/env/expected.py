"""Which variables the apps need, of which type, and which of them say what: all from the profile or its preset."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from golive import Settings
from golive_checks.env.names import TypeName
from golive_checks.systems.env.files import Role
from golive_checks.systems.gateways.gateways import Gateway

Names = tuple[Annotated[str, StringConstraints(pattern=r"^[^\s|]+(?:\|[^\s|]+)*$", max_length=300)], ...]
"""Names of variables; `A|B` is one of two."""


class Expected(Settings):
    """Which variables must be set: none but those of a preset, of the profile, and of an env file's own entry."""

    home: ClassVar[str] = "env.expected"

    required: Mapping[Role, Names] = Field(default_factory=dict)
    """For each role of an env file the names that must be set; `A|B` asks for one of the two."""
    with_gateway: Mapping[Gateway, Mapping[Role, Names]] = Field(default_factory=dict)
    """The same for each payment gateway that is in use."""
    optional: tuple[str, ...] = ()
    """Names that the example may have and the real file need not."""
    types: Mapping[str, TypeName] = Field(default_factory=dict)
    """Of which type a variable's value must be: `{ACCESS_TTL: duration}`."""

    def of(self, role: Role, gateways: tuple[Gateway, ...]) -> tuple[str, ...]:
        """Return what a role needs with these gateways."""
        more = (name for gateway in gateways for name in self.with_gateway.get(gateway, {}).get(role, ()))
        return tuple(dict.fromkeys((*self.required.get(role, ()), *more)))


class OriginsOf(Settings):
    """The variable by which the API knows the origins that may call it."""

    home: ClassVar[str] = "env.origins"

    variable: str = ""
    """Its name, such as ALLOWED_ORIGINS: each origin in it is judged, and the apps' own must be among them."""


class WebVariables(Settings):
    """What of the variables reaches the browser."""

    home: ClassVar[str] = "env.web"

    prefixes: tuple[str, ...] = ()
    """More prefixes of what the build writes into its scripts, beside VITE_, NEXT_PUBLIC_, REACT_APP_ and the like."""
    api_url: tuple[str, ...] = ()
    """Variables that hold the API's URL as the web app calls it, such as VITE_API_URL."""
