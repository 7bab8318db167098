"""What a first visit loads: page, sheet, script, icons and every font, as they are sent."""

import re

from docaxis.web.static import _octets
from tests.web.desk import Desk
from tests.web.look.sheet import SHEET

MOST_BYTES = 150 * 1024
MOST_SCRIPT_BYTES = 8 * 1024


async def test_the_first_visit_is_light(desk: Desk):
    """The page of all parts has more on it than any other, so it uses every file."""
    await desk.sign_in("clerk")
    address = "/components"
    page = await desk.get(address)
    assert page.status == 200
    digest = re.search(r"/static/(\w+)/app\.css", page.text)
    assert digest
    fonts = [f"/static/{digest[1]}/{name}" for name in re.findall(r"url\(([\w.-]+)\)", SHEET)]
    assert len(fonts) == 10
    linked = sorted(set(re.findall(r"/static/\w+/[\w.-]+", page.text)))
    assert {link.rpartition("/")[2] for link in linked} == {"app.css", "app.js", "icons.svg", "mark.svg"}
    total = 0
    for link in [address, *linked, *fonts]:
        answer = await desk.get(link, {"Accept-Encoding": "gzip"})
        assert answer.status == 200, link
        total += int(answer.headers["Content-Length"])
    assert total <= MOST_BYTES, f"{total} bytes"


async def test_sheet_and_script_are_sent_compressed(desk: Desk):
    for name in ("app.css", "app.js", "icons.svg"):
        answer = await desk.get(f"/static/0/{name}", {"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert int(answer.headers["Content-Length"]) < len(_octets()[name]) / 2


def test_the_script_is_small():
    assert len(_octets()["app.js"]) <= MOST_SCRIPT_BYTES


def test_nothing_comes_from_elsewhere():
    for name in ("app.css", "app.js"):
        assert not re.search(rb"https?://|//\w+\.", _octets()[name])


def test_every_face_is_a_file_that_is_there():
    assert set(re.findall(r"url\(([\w.-]+)\)", SHEET)) == {name for name in _octets() if name.endswith(".woff2")}
