"""In which order does Prisma's CLI, which sorts as Node does, apply migrations?"""

from __future__ import annotations

import json
import random
import subprocess

from golive_checks.systems.migrations.client.order import key_of

SEED = 20261129


def test_names_are_sorted_as_node_sorts_them() -> None:
    of = random.Random(SEED)
    letters = " _-.,+()[]~&@#!0123456789abcXYZABCéÉüñ"
    names = sorted({"".join(of.choices(letters, k=of.randrange(1, 7))) for _ in range(3000)})
    code = "process.stdout.write(JSON.stringify(JSON.parse(process.argv[1]).sort((a, b) => a.localeCompare(b))))"
    ran = subprocess.run(["node", "-e", code, json.dumps(names)], check=True, capture_output=True, timeout=60)
    print(f"seed {SEED}, {len(names)} names")
    assert sorted(names, key=key_of("prisma")) == json.loads(ran.stdout)
