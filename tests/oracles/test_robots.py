"""Which paths robots.txt keeps which crawler from: golive's reading of generated files, beside robots-parser's."""

from __future__ import annotations

import json
import os
import random
import subprocess

from env_readers import NODE, PACKAGES

from golive_checks.systems.http.client.robots import read_robots

SEED = 20261130
ALL = 3000
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
AGENTS = ("Googlebot", "Bingbot")
BASE = "https://shop.example"
PATHS = ("/", "/fr/", "/fr/shop", "/cart", "/cart?step=2", "/a.php", "/a.phpx", "/products/12", "/products/12/edit")
RULES = (
    "/", "/cart", "/cart?", "/fr/", "/fr/shop$", "/*.php$", "/*.php", "/products/*/edit", "/products/", "*", "/$",
    "",
)  # fmt: skip
"""None ends in `?` beside one with a star: protego holds it for two characters longer than it is."""
GOLIVE_IS_RIGHT = {
    "a last group without rules": "RFC 9309, section 2.2.1: it is that crawler's group, and refuses nothing",
    "a sitemap between a group's names": "RFC 9309, section 2.2.4: other records are not to end a group",
}
"""Kinds of files that golive reads otherwise than robots-parser, with the reason."""
SCRIPT = """
const { createRequire } = require("module");
const parse = createRequire(process.argv[1] + "/node_modules/")("robots-parser");
const [texts, agents, urls] = JSON.parse(require("fs").readFileSync(0));
const kept = (text) => { const r = parse(urls[0] + "robots.txt", text);
  return agents.flatMap((a) => urls.filter((u) => !r.isAllowed(u, a)).map((u) => [a, u])); };
console.log(JSON.stringify(texts.map(kept)));
"""


def generated() -> list[str]:
    chance = random.Random(SEED)
    texts = ["", "User-agent: *\nDisallow: /\n", "Sitemap: https://shop.example/s.xml\n"]
    while len(texts) < COUNT:
        lines = list[str]()
        for _ in range(chance.randint(1, 3)):
            agents = chance.sample(("*", "Googlebot", "bingbot", "GPTBot"), chance.randint(1, 2))
            lines += [f"{chance.choice(['User-agent', 'user-agent', 'USER-AGENT'])}: {agent}" for agent in agents]
            for _ in range(chance.randint(0, 4)):
                word = chance.choice(("Allow", "Disallow", "disallow"))
                lines.append(
                    f"{word}:{chance.choice(['', ' '])}{chance.choice(RULES)}{chance.choice(['', '', ' # why'])}"
                )
            lines += chance.choice(
                ([], [""], ["# a note"], ["Crawl-delay: 5"], ["Sitemap: https://shop.example/s.xml"])
            )
        texts.append(chance.choice(("\n", "\r\n")).join(lines))
    return texts


def kind(text: str) -> str:
    rules = [line.lower() for line in text.splitlines() if line and not line.startswith("#")]
    words = [line.partition(":")[0] for line in rules]
    if "user-agent sitemap user-agent" in " ".join(words):
        return "a sitemap between a group's names"
    own = [word for word in words if word not in {"sitemap", "crawl-delay"}]
    return "a last group without rules" if own[-1:] == ["user-agent"] else ""


def test_golive_and_robots_parser_agree() -> None:
    print(f"seed {SEED}")
    texts, urls = generated(), [BASE + path for path in PATHS]
    asked = json.dumps([texts, AGENTS, urls])
    ran = subprocess.run([NODE, "-e", SCRIPT, PACKAGES], input=asked, capture_output=True, text=True, check=True)
    theirs = [{tuple(pair) for pair in kept} for kept in json.loads(ran.stdout)]
    ours = [set(read_robots(text, AGENTS, urls)[0]) for text in texts]
    assert sum(map(bool, ours)) > COUNT // 3
    wrong = [
        (text, mine ^ other)
        for text, mine, other in zip(texts, ours, theirs, strict=True)
        if mine != other and kind(text) not in GOLIVE_IS_RIGHT
    ]
    assert not wrong, (len(wrong), wrong[:3])


def test_sitemaps_are_named_wherever_they_stand() -> None:
    text = "Sitemap: https://shop.example/1.xml\nUser-agent: *\nDisallow: /\nsitemap: https://shop.example/2.xml\n"
    assert read_robots("\ufeff" + text, AGENTS, [BASE])[1] == [
        "https://shop.example/1.xml",
        "https://shop.example/2.xml",
    ]
