"""A run as a Chrome trace: one bar per probe; and its critical path."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from golive.engine.events import ProbeEnded


def chrome_trace(events: Sequence[ProbeEnded]) -> str:
    """Return the JSON that chrome://tracing and Perfetto read, in microseconds.

    `needed` names what was waited for, `requests` how many were made of each host, by the probe and in all.
    """
    lanes: list[float] = []
    bars = []
    for event in sorted(events, key=lambda e: e.start):
        # The viewers draw bars of one thread that overlap as nested calls, so each lane holds bars one after another.
        lane = next((n for n, end in enumerate(lanes) if end <= event.start), len(lanes))
        lanes[lane : lane + 1] = [event.end]
        bars.append(
            {
                "name": f"{event.probe.name} {event.subject.name}",
                "cat": event.probe.decl.effect.name.lower(),
                "ph": "X",
                "ts": round(event.start * 1e6),
                "dur": round((event.end - event.start) * 1e6),
                "pid": 1,
                "tid": lane + 1,
                "args": {
                    "what": event.probe.decl.title,
                    "requests": dict(sorted(event.requests.items())),
                    "needed": [f"{gives.__name__} {subject.name}" for gives, subject in event.needed],
                },
            }
        )
    requests = Counter[str]()
    for event in events:
        requests.update(event.requests)
    other = {"critical_path_s": round(critical_path(events), 4), "requests": dict(requests.most_common())}
    content = {"traceEvents": bars, "otherData": other}
    return json.dumps(content, indent=1) + "\n"


def critical_path(events: Sequence[ProbeEnded]) -> float:
    """Return the length in seconds of the longest chain of probes that had to wait for one another."""
    longest: dict[tuple[type, object], float] = {}
    for event in sorted(events, key=lambda e: e.end):
        before = max((longest.get(key, 0.0) for key in event.needed), default=0.0)
        longest[event.probe.gives, event.subject] = before + event.end - event.start
    return max(longest.values(), default=0.0)
