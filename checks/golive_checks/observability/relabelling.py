"""What Prometheus sends of an alert, after its steps of relabelling. Pure.

As its relabel.go does: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from golive_checks.observability.matching import whole
from golive_checks.systems.monitoring.relabelling import Chain, RelabelStep

REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)
"""What Go's Regexp.Expand replaces: `$$`, `$1` or `$name`, `${1}` or `${name}`."""


@dataclass(frozen=True)
class SentLabels:
    """What is sent: the labels, or None where it is dropped.

    `at_times` names instances that are dropped by their own labels, which nobody knows beforehand; `unsure` steps that
    may drop every instance, or write over a label by one of theirs.
    """

    labels: Mapping[str, str] | None
    at_times: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def sent(labels: Mapping[str, str], chain: Chain, *, complete: bool = False) -> SentLabels:
    """Follow an alert through the steps. `complete`: it fires, and has no other labels than these."""
    there, at_times, unsure = dict(labels), list[str](), list[str]()
    for step in chain:
        hidden = [name for name in step.source if name not in there and not complete]
        if hidden and step.action in {"drop", "keep", "dropequal", "keepequal"}:
            # Without these labels it is as if they were empty: where that keeps it, only some instances are dropped.
            (at_times if _keeps(step, there) else unsure).append(f"drops it where {_described(step)}")
        elif hidden and step.action in {"replace", "hashmod", "lowercase", "uppercase"}:
            if there.pop(step.target, None) is not None:
                unsure.append(f"writes its {step.target} from {', '.join(step.source)}")
        elif not _keeps(step, there):
            return SentLabels(None, tuple(at_times), tuple(unsure))
        else:
            _change(step, there)
    return SentLabels(there, tuple(at_times), tuple(unsure))


def _described(step: RelabelStep) -> str:
    names = ", ".join(step.source)
    if step.action in {"dropequal", "keepequal"}:
        return f"{names} {'equals' if step.action == 'dropequal' else 'does not equal'} {step.target}"
    return f"{names} {'matches' if step.action == 'drop' else 'does not match'} {step.regex}"


def _value(step: RelabelStep, there: Mapping[str, str]) -> str:
    return step.separator.join(there.get(name, "") for name in step.source)


def _keeps(step: RelabelStep, there: Mapping[str, str]) -> bool:
    value = _value(step, there)
    if step.action in {"drop", "keep"}:
        return (whole(step.regex, value) is not None) == (step.action == "keep")
    if step.action in {"dropequal", "keepequal"}:
        return (there.get(step.target, "") == value) == (step.action == "keepequal")
    return True


def _change(step: RelabelStep, there: dict[str, str]) -> None:
    """Write one label, or, by the actions that begin with `label`, look at the names of all."""
    if step.action.startswith("label"):
        _change_names(step, there)
        return
    value = _value(step, there)
    match step.action:
        case "replace":
            if (found := whole(step.regex, value)) is not None:
                _set(there, _expand(step.target, found), _expand(step.replacement, found))
        case "lowercase":
            _set(there, step.target, value.lower())
        case "uppercase":
            _set(there, step.target, value.upper())
        case "hashmod" if step.modulus:
            digest = hashlib.md5(value.encode(), usedforsecurity=False).digest()
            _set(there, step.target, str(int.from_bytes(digest[8:]) % step.modulus))


def _change_names(step: RelabelStep, there: dict[str, str]) -> None:
    for name, text in [*there.items()]:
        found = whole(step.regex, name)
        if step.action == "labelmap":
            if found is not None:
                _set(there, _expand(step.replacement, found), text)
        elif (found is not None) == (step.action == "labeldrop"):
            del there[name]


def _set(there: dict[str, str], name: str, value: str) -> None:
    there[name] = value
    if not value:  # an empty label is none
        del there[name]


def _expand(template: str, found: Any) -> str:
    def put(reference: re.Match[str]) -> str:
        dollar, *names = reference.groups()
        name = names[0] or names[1] or ""
        if dollar:
            return "$"
        if name.isdecimal():
            return (found.group(int(name)) or "") if int(name) <= len(found.groups()) else ""
        return found.groupdict().get(name) or ""

    return REFERENCE.sub(put, template)
