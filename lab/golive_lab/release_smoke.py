"""What the reference stack's smoke does: `python -m golive_lab.release_smoke`, with API_URL and the login's TOKEN."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """Ask for the products and the cart as a customer does; 1 where one of them is not to be had."""
    failed = 0
    for path in ("/api/v1/products", "/api/v1/cart"):
        request = urllib.request.Request(os.environ["API_URL"] + path, headers={"x-smoke": os.environ["TOKEN"]})  # noqa: S310 - the lab's own
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - likewise
                text = f"{answer.status}, {len(json.load(answer))} fields"
        except (OSError, ValueError) as error:
            text, failed = f"{error}", 1
        print(f"{path}: {text} (with {os.environ['TOKEN']})")  # noqa: T201 - what golive keeps, masked
    return failed


if __name__ == "__main__":
    sys.exit(main())
