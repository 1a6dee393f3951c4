"""Telephone numbers and e-mail addresses in a text, and whether they can be ones."""

import re
from dataclasses import dataclass

from golive import shortened

CANDIDATE = re.compile(r"(?<![\w+])\+\d[\d .()/\-]{4,25}\d")
"""What begins with + and goes on with digits is meant as a number, right or wrong (ITU-T E.164)."""
ADDRESS = re.compile(r"(?<![^\s<>|,;()\[\]:@])[^\s<>|,;()\[\]:@]+@[^\s<>|,;()\[\]:]+")
MAX_FOUND = 200


@dataclass(frozen=True)
class Contacts:
    """How many there are, and what is wrong with those that cannot be."""

    sound: int
    malformed: tuple[str, ...]


def contacts_in(text: str, region: str) -> Contacts:
    """Find contacts; `region` is the country whose numbers may stand without +, as SN."""
    import phonenumbers
    from email_validator import EmailNotValidError, validate_email

    sound, malformed = 0, list[str]()
    for found in CANDIDATE.findall(text)[:MAX_FOUND]:
        try:
            good = phonenumbers.is_valid_number(phonenumbers.parse(found))
        except phonenumbers.NumberParseException:
            good = False
        sound += good
        malformed += [] if good else [f"{found} is no telephone number"]
    if region:
        # Without those found already, which would be counted twice.
        rest = CANDIDATE.sub(" ", text)
        sound += sum(1 for _ in phonenumbers.PhoneNumberMatcher(rest, region, max_tries=MAX_FOUND))
    for found in ADDRESS.findall(text)[:MAX_FOUND]:
        # What ends a sentence or a word in bold is not part of the address.
        address = found.rstrip(".'\"*_)")
        try:
            validate_email(address, check_deliverability=False)
            sound += 1
        except EmailNotValidError:
            malformed.append(f"{shortened(address, 100)} is no e-mail address")
    return Contacts(sound, tuple(malformed))
