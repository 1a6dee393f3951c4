"""The environment of golive's own process."""

import os

from golive import Client


class ProcessEnvironment(Client):
    """Reads the variables golive was started with, as an app started beside it would see them."""

    def variables(self) -> dict[str, str]:
        """Copy them."""
        return dict(os.environ)
