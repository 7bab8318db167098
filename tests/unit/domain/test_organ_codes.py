import pytest

from docaxis.domain.organ import parse_organ_id


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("000.00.00.H41", "000.00.00.H41"),
        ("001.00.20.JB2", "001.00.20.JB2"),
        ("H41", "H41"),
        ("h41.dn.002", "H41.DN.002"),
        (" 000.00.00.g22\n", "000.00.00.G22"),
        ("vxp.saas.03", "vxp.saas.03"),
        ("LIST.COMMUNES.H41", "LIST.COMMUNES.H41"),
        ("01.02.G22", "01.02.G22"),
    ],
)
def test_both_generations_lists_and_vendor_codes_are_codes(text, code):
    assert parse_organ_id(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "H41.",
        ".H41",
        "H41..02",
        "H 41",
        "H41/02",
        "H41\x00",
        "H41\u00a0",
        "Nghệ An",
        "H４１",
        "X" * 36,
        "\ud800",
        "ſ41",
    ],
)
def test_anything_else_is_none(text):
    assert parse_organ_id(text) is None


def test_the_longest_code_is_35_characters():
    assert parse_organ_id("H41." + "A" * 31) == "H41." + "A" * 31
    assert parse_organ_id("H41." + "A" * 32) is None
