from datetime import date

import pytest

from docaxis.domain.directory_csv import read_agencies, read_connections
from docaxis.domain.organ import Agency

HEADER = "organ_id,name,level,branch,parent,aliases,valid_from,valid_to,successors,source\n"


def test_a_line_becomes_an_agency_with_canonical_codes():
    line = (
        'h53.31,"Huyện Bến Cầu, Tây Ninh",district,government,h53,000.00.31.h53|vxp.31,'
        "2000-01-01,2025-07-01,H53.002|H53.003,demo\n"
    )
    assert read_agencies(HEADER + line) == [
        Agency(
            "H53.31",
            "Huyện Bến Cầu, Tây Ninh",
            "district",
            "government",
            "H53",
            ("000.00.31.H53", "vxp.31"),
            date(2000, 1, 1),
            date(2025, 7, 1),
            ("H53.002", "H53.003"),
            "demo",
        )
    ]


def test_columns_stand_in_any_order_and_a_spreadsheets_mark_is_ignored():
    (agency,) = read_agencies("\ufeffsource,branch,level,name,organ_id\r\ndemo,party,central,A,A01\r\n\r\n")
    assert (agency.organ_id, agency.branch, agency.parent, agency.valid_to) == ("A01", "party", "", None)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("H 1,x,c,g,,,,,,s", "line 3: 'H 1' cannot be an organ_id"),
        ("H01,,c,g,,,,,,s", "line 3: H01: name, level, branch and source are needed"),
        ("H01,x,c,g,,,2025-13-01,,,s", "line 3: '2025-13-01' is not a day"),
        ("H01,x,c,g,,,2025-07-01,2025-07-01,,s", "line 3: H01: valid_to 2025-07-01 is not after"),
        ("H01,x,c,g,,,,,H02,s", "line 3: H01: successors of an agency without valid_to"),
        ("H01,x", "line 3: 2 cells where the header has 10"),
        ('"H01,x', "line 3: not CSV"),
    ],
)
def test_a_bad_line_is_named_by_its_number(line, problem):
    with pytest.raises(ValueError, match=problem):
        read_agencies(f"{HEADER}H09,x,c,g,,,,,,s\n{line}")


@pytest.mark.parametrize(
    "text", ["", "organ_id,name\n", HEADER.replace("parent", "parnet"), HEADER.replace("source", "name")]
)
def test_a_bad_header_is_refused(text):
    with pytest.raises(ValueError, match="line 1: columns"):
        read_agencies(text)


def test_connections_are_codes_and_endpoints():
    assert read_connections("organ_id,endpoint\nh41,e-h41\n") == {"H41": "e-h41"}
    with pytest.raises(ValueError, match="line 2: an organ_id and an endpoint are needed; line 4: H41 given twice"):
        read_connections("organ_id,endpoint\n,e\nH41,e\nh41,f\n")
