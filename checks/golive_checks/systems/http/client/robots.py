"""Reads robots.txt as RFC 9309 has it, by protego."""

from collections.abc import Iterable


def read_robots(text: str, agents: Iterable[str], urls: Iterable[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return which agent may not fetch which URL, and the sitemaps that are named."""
    from protego import Protego

    rules = Protego.parse(text.removeprefix("\ufeff"))
    wanted = list(urls)
    refused = [(agent, url) for agent in agents for url in wanted if not rules.can_fetch(url, agent)]
    return refused, list(dict.fromkeys(rules.sitemaps))
