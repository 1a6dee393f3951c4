"""How many bits someone who guesses would have to guess: an estimate from the value alone. Pure."""

import re
from math import log2

BOOK = (
    "abcdefghijklmnopqrstuvwxyz zyxwvutsrqponmlkjihgfedcba 01234567890123456789 98765432109876543210 "
    "qwertyuiop asdfghjkl zxcvbnm azertyuiop qsdfghjklm wxcvbn 1qaz2wsx3edc "
    "password passphrase secret token access refresh reset signing private public admin default change this that "
    "super very long random string with characters least local localhost development staging production test demo "
    "example jwt-secret jwt_secret secret-key secret_key your-secret my-secret "
)
"""What a guesser tries first: runs of the alphabet, of digits and of keyboard rows, and the words of such secrets."""
MATCH = 4
"""Shorter repeats are common in random values: of three characters, in 32 hex digits, about one in ten."""
REPEATS_BY_CHANCE = 0.34
"""Up to this share of a value may be repeats without being charged as such: chance makes some."""
WORDY = 0.6
"""From this share of its characters on, a value is taken for words."""
BITS_A_LETTER_OF_WORDS = 2.5
"""A word drawn from 7776 is worth 12.9 bits in some five letters (https://www.eff.org/dice); prose is worth less."""
BITS_A_WORD = 20.0
"""A million words: no language has more that people use, however long they are."""
LOOKED_AT = 1024
"""So many characters are looked through for repeats: a longer secret is no weaker for what follows."""
UUID_V4_BITS = 122.0
"""RFC 9562, section 5.4: six of the 128 bits are fixed."""

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}")
_SEPARATOR = re.compile(r"[-_ .,:/]+")
_WORDS = re.compile(
    r"[0-9]{0,4}(?:(?:[A-Z]?[a-z]{2,15}|[A-Z]{2,16})[0-9]{0,4}|(?:[A-Z][a-z]{0,15})+[A-Z][a-z]{1,15}[0-9]{0,4})"
)
"""One word, or several in camel case, and a number. A longer run of one case is none, or several for BOOK to know."""
_ONE_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_ALPHABETS = (
    (re.compile(r"[0-9]+"), 10),
    (re.compile(r"[0-9a-f]+|[0-9A-F]+"), 16),
    (re.compile(r"[a-z]+|[A-Z]+"), 26),
    (re.compile(r"[0-9a-z]+|[0-9A-Z]+"), 36),
    (re.compile(r"[0-9A-Za-z]+"), 62),
    (re.compile(r"[0-9A-Za-z+/=_-]+"), 64),
)


def entropy_bits(value: str) -> float:
    """Estimate the bits of `value` as the least of three readings.

    Each character drawn from the smallest alphabet that has them all; the same with repeats and well-known runs
    charged by where they are copied from, as in LZ77; and, for a value that is mostly words, so much a letter.
    """
    if _UUID.fullmatch(value):
        return UUID_V4_BITS
    per_character = log2(next((size for fits, size in _ALPHABETS if fits.fullmatch(value)), 95))
    return round(min(_copied(value, per_character), _worded(value, per_character)), 1)


def made_of_words(value: str) -> bool:
    """Return whether a value reads as words, so that a guesser of words comes to it: less than 3 bits a character."""
    return entropy_bits(value) < 3 * len(value)


def _copied(value: str, per_character: float) -> float:
    """Charge a stretch that stands earlier in the value, or in BOOK, by the place and length it is copied from."""
    text = value[:LOOKED_AT]
    past = BOOK + text.lower()
    bits, copied, at = 0.0, 0, 0
    while at < len(text):
        length = 0
        while (
            at + length < len(text) and past.find(text[at : at + length + 1].lower(), 0, len(BOOK) + at + length) >= 0
        ):
            length += 1
        if length >= MATCH:
            bits += min(log2(len(BOOK) + at) + log2(length), length * per_character)
            copied += length
            at += length
        else:
            bits += per_character
            at += 1
    return bits if copied > REPEATS_BY_CHANCE * len(text) else len(value) * per_character


def _worded(value: str, per_character: float) -> float:
    """Charge words by the letter, where they make most of the value; what separates them is worth a bit."""
    parts = [part for part in _SEPARATOR.split(value) if part]
    words = [part for part in parts if _WORDS.fullmatch(part) and _sounds(part)]
    letters = sum(map(len, words))
    if letters < WORDY * len(value):
        return len(value) * per_character
    others = sum(map(len, parts)) - letters
    return sum(map(_worth, words)) + others * per_character + max(len(parts) - 1, 0)


def _worth(part: str) -> float:
    """Charge each of the words in a part, and the digits behind them."""
    inside = [len(word) for word in _ONE_WORD.findall(part)]
    digits = len(part) - sum(inside)
    return sum(min(n * BITS_A_LETTER_OF_WORDS, BITS_A_WORD) for n in inside) + digits * BITS_A_LETTER_OF_WORDS


def _sounds(part: str) -> bool:
    """Return whether a person could say it: it has vowels, and few capitals where it mixes both cases."""
    capitals = sum(c.isupper() for c in part)
    return bool(re.search(r"[aeiouyAEIOUY]", part)) and (part.isupper() or capitals * 3 <= len(part))
