"""Whether a password may be chosen: length counts, composition does not (NIST SP 800-63B-4, ASVS 5.0 V6.2)."""

import re
from collections.abc import Iterable
from enum import StrEnum

from docaxis.domain.folding import fold

SHORTEST, LONGEST = 12, 200
"""Characters."""


class Weakness(StrEnum):
    """Why a password may not be chosen."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    OWN = "own"


# What lists of leaked passwords are made of: these words, keys beside each other, with figures and signs around them.
_WORDS = """
    password passwort pass matkhau matkhaudai admin administrator root user guest test demo welcome hello login dangnhap
    letmein changeme iloveyou love baby angel princess monkey dragon football baseball superman batman pokemon master
    shadow sunshine freedom whatever trustno secret batmat anhyeuem emyeuanh yeuem conyeu vietnam vietnamvodich hanoi saigon
    hochiminh congty vanthu vanban docaxis truclienthong trucvanban cocaidauma khongbiet khongco chaocacban xinchao
    qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc abc abcd abcde abcdef abcdefgh abcdefghijkl google
    facebook zalo samsung iphone computer internet server default company office summer winter spring autumn mother father
    """
_COMMON = frozenset(_WORDS.split())
_OWN_LETTERS = 4
"""So many letters of one's own there must be beside one's name."""
_YEAR = 4
_FEW_SIGNS = 3
_LEET = str.maketrans("013457@$!", "oieastasi")
_RUNS = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)


def weakness(password: str, own: Iterable[str] = ()) -> Weakness | None:
    """Return why a password may not be chosen, None for a good one; own: the person's login and name, the hub's name."""
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    plain = fold(password).replace(" ", "")
    if _is_common(plain) or _is_common(fold(password.casefold().translate(_LEET)).replace(" ", "")):
        return Weakness.COMMON
    words = {part for text in own for part in re.split(r"[\W_]+", fold(text)) if len(part) >= _FEW_SIGNS}
    rest = plain
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return Weakness.OWN if rest != plain and len(re.sub(r"\d", "", rest)) < _OWN_LETTERS else None


def _is_common(plain: str) -> bool:
    if len(set(plain)) <= _FEW_SIGNS or any(_repeats(plain, length) for length in range(1, len(plain) // 2 + 1)):
        return True
    letters, figures = re.findall(r"[^\W\d_]+", plain), re.findall(r"\d+", plain)
    return all(
        len(set(part)) == 1 or part in _COMMON or _is_run(part) or _made_of_common(part) for part in letters
    ) and all(len(part) <= _YEAR or _is_run(part) or len(set(part)) < _FEW_SIGNS for part in figures)


def _made_of_common(part: str) -> bool:
    return any(part[:at] in _COMMON and part[at:] in _COMMON for at in range(2, len(part) - 1))


def _is_run(part: str) -> bool:
    return len(part) > 1 and any(part in run for run in _RUNS)


def _repeats(plain: str, length: int) -> bool:
    unit = plain[:length]
    return (unit * (len(plain) // length + 1))[: len(plain)] == plain
