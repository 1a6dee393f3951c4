import datetime as dt
import warnings
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from golive_checks import dated
from golive_checks.database.server import END_OF_LIFE, PUBLISHED
from golive_checks.domains.caa import CaaPolicy, names_of

MAX_AGE = dt.timedelta(days=90)
"""What a release may rest on: the quarter in which PostgreSQL, browsers and GitHub each publish at least once."""


@pytest.mark.parametrize("name", dated.names())
def test_a_table_says_what_it_is_of_and_from_where(name: str) -> None:
    table = dated.table(name)
    assert table.title
    assert table.facts
    assert table.sources
    assert dt.date(2020, 1, 1) <= table.as_of <= dt.datetime.now(dt.UTC).date()


@pytest.mark.parametrize("name", dated.names())
@pytest.mark.long
def test_a_release_has_no_old_table(name: str) -> None:
    table = dated.table(name)
    age = dt.datetime.now(dt.UTC).date() - table.as_of
    assert age <= MAX_AGE, f"hold {name}.toml against its sources: {table.sources}"


def test_every_public_authority_is_known_by_its_organisation() -> None:
    with warnings.catch_warnings():  # an old root has the serial number 0
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        roots = x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
    found = [root.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME) for root in roots]
    organisations = {str(each[0].value) for each in found if each}
    assert len(organisations) > 40
    assert {each for each in organisations if not names_of(each, CaaPolicy()).names} == set()


def test_every_major_that_is_alive_has_its_minor_releases() -> None:
    known_until = max(PUBLISHED.values())
    alive = {major for major, ends in END_OF_LIFE.items() if ends > known_until}
    assert alive == {major for major, _ in PUBLISHED}
