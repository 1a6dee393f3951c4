"""Values and comments as they stand in a draft's YAML."""

import json

FILL_IN = "# FILL IN:"


def value(text: str) -> str:
    """Write a value: plain where YAML reads it as text, else quoted, for JSON's strings are YAML's."""
    plain = text.replace("-", "").replace("_", "").replace(".", "").replace("/", "")
    safe = plain.isascii() and plain.isalnum() and not plain.isdigit() and text[0] not in "-0123456789"
    keywords = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
    return text if safe and text.lower() not in keywords else json.dumps(text)


def comment(text: str) -> str:
    """Return a text that stays on its comment's line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
