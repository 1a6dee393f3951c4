"""What a repository's files say of the system they make, put together from the finders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from golive_checks.init import signs
from golive_checks.init.compose import ComposeService, services
from golive_checks.init.databases import Databases, databases
from golive_checks.init.envs import Env, envs, variables
from golive_checks.init.health import health
from golive_checks.init.hosts import FoundHost, hosts, of_url
from golive_checks.init.nginx import FoundNginx, nginx
from golive_checks.init.packages import packages
from golive_checks.init.proxies import FoundProxies, proxies
from golive_checks.init.tree import SeenInFile, Tree

VENDORS = ("Sentry", "Stripe", "PayPal", "S3", "Redis")


@dataclass(frozen=True)
class Survey:
    """All that was found, each with the file that says it; paths are from the repository's root."""

    tree: Tree
    frameworks: Mapping[str, SeenInFile] = field(default_factory=dict)
    """By what a host of each serves: site, api, app."""
    envs: tuple[Env, ...] = ()
    hosts: tuple[FoundHost, ...] = ()
    other_hosts: tuple[FoundHost, ...] = ()
    """Those that only an example, or another environment's file, names."""
    nginx: FoundNginx = field(default_factory=FoundNginx)
    proxies: FoundProxies = field(default_factory=FoundProxies)
    services: tuple[ComposeService, ...] = ()
    databases: Databases = field(default_factory=Databases)
    live: SeenInFile | None = None
    ready: SeenInFile | None = None
    vendors: Mapping[str, SeenInFile] = field(default_factory=dict)
    buckets: tuple[signs.FoundBucket, ...] = ()
    prometheus: SeenInFile | None = None
    load: SeenInFile | None = None
    smoke: SeenInFile | None = None
    documents: Mapping[str, str] = field(default_factory=dict)
    ci: signs.Ci = field(default_factory=signs.Ci)


def survey(root: Path, environment: str = "staging", urls: tuple[str, ...] = ()) -> Survey:
    """Read the repository below `root`. Nothing is run, and of env files no value is taken but names and addresses."""
    tree = Tree.of(root, environment)
    asked, names = packages(tree), variables(tree)
    found_envs, found_services = envs(tree), services(tree)
    proxy, named = nginx(tree)
    given = [host for url in urls if (host := of_url(url, "--url"))]
    mine, others = hosts(tree, found_envs, found_services, [*given, *named])
    live, ready = health(tree, found_services, asked)
    known = {name: signs.vendor(name, asked, names, found_services) for name in VENDORS}
    return Survey(
        tree,
        asked.frameworks(),
        found_envs,
        mine,
        others,
        proxy,
        proxies(tree, found_services),
        found_services,
        databases(tree, found_envs, names, asked, found_services),
        live,
        ready,
        {name: seen for name, seen in known.items() if seen},
        signs.buckets(found_envs),
        signs.prometheus(tree, found_services),
        signs.one(tree, signs.LOAD),
        signs.one(tree, signs.SMOKE),
        signs.documents(tree),
        signs.ci(tree, asked),
    )
