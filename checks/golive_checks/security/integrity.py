"""Do scripts from other sites stay what they were when they were chosen?"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from golive import Severity, Verdict, check, not_applicable, passed, shortened, verdict
from golive_checks.dated import table
from golive_checks.subjects import Host
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.page.document import Document, DocumentScript

FACTS = table("scripts").facts
VALID = re.compile(r"'sha(?:256|384|512)-[A-Za-z0-9+/_-]{1,200}={0,2}(?:\?[!-~]{0,200})?'")
"""A hash that browsers know (Subresource Integrity, section 3.5); they ignore any other."""
EXACT = re.compile(r"(?<![\w.])v?\d{1,9}\.\d{1,9}(?:\.\d{1,9})?(?![\w])")
"""A version that names one release: `3.7.1` and `5.3`, not `3` and not `latest`."""


@check("scripts.pinned", severity=Severity.MEDIUM)
def scripts_pinned(host: Host, page: Document, origins: Mapping[Host, Origin]) -> Verdict:
    """Scripts from public CDNs are held to a hash, and what browsers would refuse or ignore of it is none.

    Why: Whoever gets hold of a CDN, or of a package on it, runs code on every page that loads from there: so it went
    with polyfill.io in 2024 on 100,000 sites. A hash makes browsers refuse what is not the file that was chosen.

    Fix: Name an exact version, and add `integrity="sha384-..." crossorigin="anonymous"`, or serve the file yourself.
    Leave it out for scripts that their vendor changes under the same address, such as Stripe.js and PayPal's SDK.

    Source: W3C Subresource Integrity, sections 3.3 and 3.5; https://sansec.io/research/polyfill-supply-chain-attack
    """
    own = {origin.site for origin in origins.values()}
    foreign = [script for script in page.scripts if script.site and script.site not in own]
    if not page.scripts:
        return not_applicable("it has no page with scripts")
    if not foreign:
        return passed("its page loads no script from another site")
    defects = [defect for script in foreign for defect in _defects(script)]
    fails = dict.fromkeys(text for hard, text in defects if hard)
    warns = dict.fromkeys(text for hard, text in defects if not hard)
    loose = [_shown(script) for script in foreign if not _pinned(script) and not _from_a_cdn(script)]
    evidence = [f"changes as its owner likes: {name}" for name in dict.fromkeys(loose)]
    evidence += [f"what golive knows of {name} was not held against a source" for name in _unverified(foreign)]
    return verdict(list(fails), list(warns), ok="scripts from public CDNs are held to a hash", evidence=evidence)


def _unverified(scripts: list[DocumentScript]) -> list[str]:
    """Name the sites that a verdict is about and of which the table was written without opening a source."""
    names = {_host(script) for script in scripts if not _pinned(script)}
    return [each for each in FACTS["unverified"] if any(n == each or n.endswith(f".{each}") for n in names)]


def _defects(script: DocumentScript) -> Iterator[tuple[bool, str]]:
    name = _host(script)
    if any(name == each or name.endswith(f".{each}") for each in FACTS["hijacked"]):
        yield True, f"{_shown(script)} comes from a domain that was sold to people who put malware into its files"
        return
    if _pinned(script):
        if not script.crossorigin:
            yield True, f"{_shown(script)} has integrity without crossorigin: browsers refuse to run it"
        return
    if script.hashes:
        yield False, f"{_shown(script)}: its integrity names no hash that browsers know, and so they ignore it"
    elif EXACT.search(script.url) and name not in FACTS["changing"]:
        yield False, f"{_shown(script)} has no integrity"
    elif _from_a_cdn(script):
        yield False, f"{_shown(script)} names no exact version, so that no hash can hold it"


def _pinned(script: DocumentScript) -> bool:
    return any(VALID.fullmatch(each) for each in script.hashes)


def _from_a_cdn(script: DocumentScript) -> bool:
    return _host(script) in FACTS["cdns"] or (bool(EXACT.search(script.url)) and _host(script) not in FACTS["changing"])


def _host(script: DocumentScript) -> str:
    return urlsplit(script.url).hostname or ""


def _shown(script: DocumentScript) -> str:
    return shortened(script.url.partition("?")[0], 120)
