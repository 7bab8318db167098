"""The page of states shows what the code does."""

from tests.state_picture import PAGE, bands, page_with


def test_the_drawing_is_that_of_the_code():
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(bands(), page), "python -m tests.state_picture"
