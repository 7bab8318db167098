"""A country of a dozen agencies with everything that can happen to an addressee, and shorthands to route in it."""

from datetime import date

from docaxis.domain.organ import Agency
from docaxis.domain.route import Route
from docaxis.domain.routing import route
from docaxis.domain.rules import DistributionList, Policy, Rule
from docaxis.domain.verdict import Rejection
from tests.routing_world import ALLOW, DAY, REFORM, directory, header

HEADER = "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader"
AGENCIES = (
    Agency("G22", "Văn phòng Chính phủ", "central", aliases=("000.00.00.G22",)),
    Agency("G12", "Bộ Tài chính", "central"),
    Agency("H41", "Nghệ An", "provincial", aliases=("000.00.00.H41",)),
    Agency("H41.01", "Sở", "provincial", parent="H41"),
    Agency("H41.001", "phường Thành Vinh", "communal", parent="H41"),
    Agency("H41.002", "phường Trường Vinh", "communal", parent="H41"),
    Agency("H53", "Tây Ninh", "provincial"),
    Agency("H53.001", "phường Tân Ninh", "communal", parent="H53"),
    Agency("H63", "Yên Bái", "provincial", valid_to=REFORM, successors=("H53",)),
    Agency("H41.31", "thành phố Vinh", "communal", parent="H41", valid_to=REFORM, successors=("H41.001", "H41.002")),
    Agency("H41.32", "giải thể", "communal", parent="H41", valid_to=REFORM),
    Agency("V01", "không kết nối", "central"),
    Agency("H90", "mai sau", "provincial", valid_from=date(2027, 1, 1)),
)
CONNECTIONS = {"G22": "e-g22", "G12": "e-g12", "H41": "e-h41", "H53": "e-h53"}
WORLD = directory(*AGENCIES, connections=CONNECTIONS)
LISTS = {
    one.code: one
    for one in (
        DistributionList("LIST.PROVINCES", levels=frozenset(("provincial",)), heads=True),
        DistributionList("LIST.COMMUNES", levels=frozenset(("communal",)), of_levels=frozenset(("provincial",))),
        DistributionList("LIST.NAMED", members=("H63", "H53", "H41.31", "H41", "H99")),
        DistributionList("LIST.CENTRE", levels=frozenset(("central",))),
        DistributionList("LIST.SOME", levels=frozenset(("central",)), leave_out_unreachable=True),
        DistributionList("LIST.NOBODY", members=("H41.32",)),
    )
}


def routed(sender: str, *to: str, rules: tuple[Rule, ...] = (ALLOW,), on: date = DAY) -> Route | Rejection:
    return route(header(sender, *to), WORLD, Policy("test", rules, LISTS), on)


def accepted(sender: str, *to: str, rules: tuple[Rule, ...] = (ALLOW,)) -> Route:
    found = routed(sender, *to, rules=rules)
    assert isinstance(found, Route), found
    return found


def refused(sender: str, *to: str, rules: tuple[Rule, ...] = (ALLOW,)) -> Rejection:
    found = routed(sender, *to, rules=rules)
    assert isinstance(found, Rejection), found
    return found
