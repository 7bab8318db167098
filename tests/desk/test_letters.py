"""The id of a letter: the same at every try, so that the hub takes it only once."""

from dataclasses import replace

import pytest

from docaxis.desk.letters import Earlier, envelope_of
from docaxis.web.desk import Letter
from tests.desk.letters import letter
from tests.web.clerk_document.story import Story


def id_of(one: Letter) -> str:
    earlier = [Earlier(Story(sender=one.sender).document, ("H01",))] if one.kind == "update" else []
    return envelope_of(one, "Bộ", (), earlier).header.document_id


def test_a_number_and_its_day_are_the_id() -> None:
    assert id_of(letter("12")) == id_of(letter("12")) == "G22,2026/11/20,12/CV-VP"


@pytest.mark.parametrize("kind", ["new", "update"])
def test_what_no_number_tells_apart_is_told_apart_by_the_letters_own_word(kind: str) -> None:
    one = letter("" if kind == "new" else "12", kind=kind)
    assert id_of(one) == id_of(replace(one, subject="V/v gửi lại"))
    assert id_of(one) != id_of(letter(one.number, kind=kind))
    assert one.unique[:16] in id_of(one)
