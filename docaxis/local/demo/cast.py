"""Who plays: the agencies that send, and every endpoint that must be connected for the decision to reach all."""

from dataclasses import dataclass

PROVINCES = (
    "H01", "H05", "H12", "H13", "H14", "H15", "H17", "H18", "H19", "H20", "H21", "H24",
    "H26", "H27", "H29", "H31", "H32", "H35", "H36", "H37", "H38", "H41", "H42", "H44",
    "H48", "H49", "H50", "H52", "H53", "H55", "H56", "H57", "H60", "H61",
)  # fmt: skip
"""The 34 provinces and cities from 2025-07-01."""

MINISTRIES = (
    "G01", "G02", "G03", "G06", "G08", "G09", "G10", "G11", "G12", "G15", "G16", "G17", "G18", "G19", "G20", "G21",
)  # fmt: skip
"""The ministries and ministerial-level agencies, without the Government Office, which sends."""


@dataclass(frozen=True, slots=True)
class Player:
    """An agency that sends: its code, its endpoint, its kind of key, and a short name for the screen."""

    organ_id: str
    endpoint: str
    key: str
    name: str


PLAYERS = (
    Player("G22", "g22", "p256", "Văn phòng Chính phủ"),
    Player("G12", "g12", "rsa2048", "Bộ Tài chính"),
    Player("A01", "a01", "p384", "Văn phòng TW Đảng"),
    Player("H41", "h41", "p256", "UBND tỉnh Nghệ An"),
    Player("H53", "h53", "p256", "UBND tỉnh Tây Ninh"),
    Player("H41.001", "h41", "p256", "UBND phường Thành Vinh"),
)

VISITOR = Player("H26", "h26", "p256", "UBND thành phố Hà Nội")
"""Plays no part of its own: whoever looks around may send as this one, since nobody else takes its receipts."""

BY_BROWSER = Player("H41.004", "h41-004", "p256", "UBND xã Nam Đàn")
"""Has no system of its own: a web endpoint on the server of the pages sends and receives for it."""

# The provincial Party committee has a system of its own beside the province's government.
CONNECTED = ("G22", "A01", "H41.52", BY_BROWSER.organ_id, *PROVINCES, *MINISTRIES)


def endpoint_of(organ_id: str) -> str:
    """Return the endpoint that a connected agency gets in the demonstration."""
    return organ_id.lower().replace(".", "-")


def player(organ_id: str) -> Player:
    """Return a sending agency; KeyError for one that does not send."""
    return _BY_CODE[organ_id]


_BY_CODE = {one.organ_id: one for one in PLAYERS}
