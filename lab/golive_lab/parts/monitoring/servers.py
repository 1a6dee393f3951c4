"""The real Prometheus, Alertmanager and Node process, each answering on loopback."""

from __future__ import annotations

import base64
import datetime as dt
import json
import shutil
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import yaml

from golive_lab.parts.npm import PROM_CLIENT, installed
from golive_lab.parts.part import Part
from golive_lab.parts.process import program, running
from golive_lab.world.monitoring import (
    ALERTMANAGER_PATH,
    BUCKETS,
    PASSWORD,
    PASSWORD_BCRYPT,
    PAYMENTS,
    PROMETHEUS_PATH,
    SCRAPE_TOKEN,
    USER,
)
from golive_lab.world.names import API, APP, SHOP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.monitoring import Monitoring

HOST = "127.0.0.1"
INTERVAL = "200ms"
EVERYTHING = quote('{job=~".+"}')
SETTLE_S, POLL_S = 15.0, 0.02
APP_JS = Path(__file__).with_name("app.js")
WEB = yaml.safe_dump({"basic_auth_users": {USER: PASSWORD_BCRYPT}})


def probed(monitoring: Monitoring, place: StackPlace) -> list[str]:
    """Name the URLs that are probed."""
    hosts = [host for host in (API, APP, SHOP) if host not in monitoring.app.unprobed]
    return [f"https://{host}:{place.ports.https}/" for host in hosts]


def prometheus_config(monitoring: Monitoring, place: StackPlace) -> str:
    """Write the configuration: of nearly every world the same, as Prometheus takes 5 s to see other targets."""
    config = {
        "global": {
            "scrape_interval": INTERVAL,
            "scrape_timeout": INTERVAL,
            "evaluation_interval": INTERVAL,
            "external_labels": {"cluster": "demo"},
        },
        "rule_files": ["rules.yml"],
        "alerting": {
            "alert_relabel_configs": list(monitoring.relabels),
            "alertmanagers": [
                {
                    "path_prefix": ALERTMANAGER_PATH,
                    "basic_auth": {"username": USER, "password": PASSWORD},
                    "static_configs": [{"targets": [f"{HOST}:{place.ports.alertmanager}"]}],
                }
            ],
        },
        "scrape_configs": _scraped(place),
    }
    return yaml.safe_dump(config)


def _scraped(place: StackPlace) -> list[dict[str, object]]:
    """Describe what is scraped: the API, its worker, and the hosts as a blackbox exporter probes them."""
    node = f"{HOST}:{place.ports.node}"
    return [
        {
            "job_name": "api",
            "authorization": {"credentials": SCRAPE_TOKEN},
            "static_configs": [{"targets": [node]}],
        },
        {"job_name": "worker", "metrics_path": "/worker/metrics", "static_configs": [{"targets": [node]}]},
        {
            "job_name": "probe",
            "metrics_path": "/probe",
            "static_configs": [{"targets": [f"https://{host}:{place.ports.https}/" for host in (API, APP, SHOP)]}],
            "relabel_configs": [
                {"source_labels": ["__address__"], "target_label": "__param_target"},
                {"source_labels": ["__param_target"], "target_label": "instance"},
                {"target_label": "__address__", "replacement": node},
            ],
        },
    ]


def rules_of(monitoring: Monitoring) -> str:
    """Write the rules."""
    rules = [
        {"record": rule.name, "expr": rule.expr}
        if rule.record
        else {"alert": rule.name, "expr": rule.expr, "for": rule.for_, "labels": dict(rule.labels)}
        for rule in monitoring.rules
    ]
    return yaml.safe_dump({"groups": [{"name": "afrigest", "rules": rules}]})


@contextmanager
def prometheus(world: World, place: StackPlace) -> Iterator[None]:
    """Run Prometheus until the block ends. It looks for targets 5 s after it has started, and not before."""
    folder = _fresh(place, "prometheus")
    (folder / "prometheus.yml").write_text(prometheus_config(world.monitoring, place))
    (folder / "web.yml").write_text(WEB)
    (folder / "rules.yml").write_text("groups: []\n")
    argv = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--web.config.file={folder / 'web.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={HOST}:{place.ports.prometheus}",
        f"--web.external-url=http://{HOST}:{place.ports.prometheus}{PROMETHEUS_PATH}",
        "--web.enable-lifecycle",
        "--web.enable-admin-api",
        "--scrape.discovery-reload-interval=100ms",
        "--log.level=warn",
    ]
    with running(argv, log=place.folder / "prometheus.log", ready=lambda: answers(prometheus_url(place, "/-/ready"))):
        yield


@contextmanager
def alertmanager(world: World, place: StackPlace) -> Iterator[None]:
    """Run Alertmanager until the block ends, with its silences."""
    folder = _fresh(place, "alertmanager")
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(world.monitoring.alerting.config))
    (folder / "web.yml").write_text(WEB)
    base = f"http://{HOST}:{place.ports.alertmanager}{ALERTMANAGER_PATH}"
    argv = [
        "prometheus-alertmanager",
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--web.config.file={folder / 'web.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={HOST}:{place.ports.alertmanager}",
        f"--web.external-url={base}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    with running(argv, log=place.folder / "alertmanager.log", ready=lambda: answers(f"{base}/-/ready")):
        for silence in silences(world.monitoring):
            ask(f"{base}/api/v2/silences", silence)
        yield


def silences(monitoring: Monitoring) -> list[dict[str, Any]]:
    """Write silences that have begun and end in an hour."""
    now = dt.datetime.now(dt.UTC)
    return [
        {
            "matchers": [
                {"name": name, "value": value, "isRegex": regex, "isEqual": equal}
                for name, value, regex, equal in silence.matchers
            ],
            "startsAt": now.isoformat(),
            "endsAt": (now + dt.timedelta(hours=1)).isoformat(),
            "createdBy": silence.by,
            "comment": silence.comment,
        }
        for silence in monitoring.alerting.silences
    ]


@contextmanager
def node(world: World, place: StackPlace) -> Iterator[None]:
    """Run the Node process until the block ends. What Prometheus has of an earlier one is deleted first."""
    folder = _fresh(place, "node")
    app = world.monitoring.app
    fields = {
        "port": place.ports.node,
        "token": SCRAPE_TOKEN,
        "buckets": BUCKETS,
        "series": [
            {"name": s.name, "kind": s.kind, "labels": dict(s.labels), "value": s.value, "observed": s.observed}
            for s in app.series
        ],
        "without": app.without,
        "worker_up": app.worker_up,
        "page": app.page,
        "failing": app.probes_failing,
        "unprobed": app.unprobed,
    }
    (folder / "state.json").write_text(json.dumps(fields))
    (folder / "app.js").write_text(APP_JS.read_text())
    (folder / "node_modules").symlink_to(installed(PROM_CLIENT) / "node_modules")
    ask(prometheus_url(place, f"/api/v1/admin/tsdb/delete_series?match[]={EVERYTHING}"), {})
    argv = ["node", str(folder / "app.js"), str(folder / "state.json")]
    page = f"http://{HOST}:{place.ports.node}/metrics"  # which answers 401
    with running(argv, log=place.folder / "node.log", ready=lambda: answers(page)):
        yield


@contextmanager
def settled(world: World, place: StackPlace) -> Iterator[None]:
    """Bring rules and relabelling up to date, and wait until Prometheus has seen everything as it now is."""
    folder = place.folder / "prometheus"
    texts = {"rules.yml": rules_of(world.monitoring), "prometheus.yml": prometheus_config(world.monitoring, place)}
    stale = [name for name, text in texts.items() if (folder / name).read_text() != text]
    for name in stale:
        (folder / name).write_text(texts[name])
    if stale:  # after rereading its configuration, it knows no Alertmanager for up to 5 s
        ask(prometheus_url(place, "/-/reload"), {})
    count = f'count_over_time({PAYMENTS}{{gateway="stripe",status="succeeded"}}[1m]) >= 3'
    _until(lambda: bool(query(place, count)))
    wanted = sorted(probed(world.monitoring, place))
    _until(lambda: sorted(s["metric"]["instance"] for s in query(place, "probe_success")) == wanted)
    now = dt.datetime.now(dt.UTC)
    _until(lambda: _evaluated(world.monitoring, place, now))
    yield


def _evaluated(monitoring: Monitoring, place: StackPlace, since: dt.datetime) -> bool:
    groups = ask(prometheus_url(place, "/api/v1/rules"))["data"]["groups"]
    found = [rule for group in groups for rule in group["rules"]]
    late = [rule for rule in found if rule["lastEvaluation"][:23] < since.isoformat()[:23]]
    receivers = ask(prometheus_url(place, "/api/v1/alertmanagers"))["data"]["activeAlertmanagers"]
    return len(found) == len(monitoring.rules) and not late and bool(receivers)


def query(place: StackPlace, expression: str) -> list[dict[str, Any]]:
    """Ask an instant query."""
    found: list[dict[str, Any]] = ask(prometheus_url(place, f"/api/v1/query?query={quote(expression)}"))["data"][
        "result"
    ]
    return found


def prometheus_url(place: StackPlace, path: str) -> str:
    """Return the URL of a path of Prometheus's."""
    return f"http://{HOST}:{place.ports.prometheus}{PROMETHEUS_PATH}{path}"


def ask(url: str, body: Any = None) -> Any:
    """GET, or POST where there is a body, with the lab's own credentials."""
    given = {"authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {**given, "content-type": "application/json"})  # noqa: S310 - http, ours
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - likewise
        text = answer.read()
    return json.loads(text) if text.startswith((b"{", b"[")) else text


def answers(url: str) -> bool:
    """Return whether anything answers there, whatever it says."""
    try:
        ask(url)
    except urllib.error.HTTPError as error:
        return error.code != 503  # noqa: PLR2004 - not ready yet
    except OSError:
        return False
    return True


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SETTLE_S
    while not holds():
        if time.monotonic() > end:
            raise OSError("Prometheus has not come to see the reference stack as it is")
        time.sleep(POLL_S)


def _fresh(place: StackPlace, name: str) -> Path:
    program({"prometheus": "prometheus", "alertmanager": "prometheus-alertmanager"}.get(name, name))
    folder = place.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


PROMETHEUS = Part("prometheus", prometheus, reads=lambda _: None)
ALERTMANAGER = Part("alertmanager", alertmanager, reads=lambda world: world.monitoring.alerting)
NODE = Part("node", node, reads=lambda world: world.monitoring.app)
SETTLED = Part("monitoring", settled, reads=lambda world: world.monitoring)
