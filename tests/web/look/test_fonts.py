"""The digits stand under each other, and the letters are all there: a missing one would come from another font."""

from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from docaxis.web.static import _octets

VIETNAMESE = "ĂÂĐÊÔƠƯăâđêôơư" + "".join(
    "ÀÁẢÃẠẰẮẲẴẶẦẤẨẪẬÈÉẺẼẸỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌỒỐỔỖỘỜỚỞỠỢÙÚỦŨỤỪỨỬỮỰỲÝỶỸỴ"
    "àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
)
WEIGHTS = (400, 500, 600)


def font(name: str) -> TTFont:
    return TTFont(BytesIO(_octets()[f"{name}.woff2"]))


@pytest.mark.parametrize("weight", WEIGHTS)
def test_digits_have_one_width_and_their_own_name(weight):
    digits = font(f"docaxis-digits-{weight}")
    assert sorted(digits.getBestCmap()) == list(range(ord("0"), ord("9") + 1))
    assert {digits["hmtx"][name][0] for name in digits.getBestCmap().values()} == {664}
    assert digits["name"].getDebugName(1) == "Docaxis Digits"
    assert "Be Vietnam Pro Project Authors" in digits["name"].getDebugName(0)
    assert digits["OS/2"].usWeightClass == weight


@pytest.mark.parametrize("weight", WEIGHTS)
def test_letters_are_whole(weight):
    held = {
        code for subset in ("latin", "vietnamese") for code in font(f"be-vietnam-pro-{subset}-{weight}").getBestCmap()
    }
    assert {ord(letter) for letter in VIETNAMESE} <= held
    assert set(range(0x20, 0x7F)) <= held
