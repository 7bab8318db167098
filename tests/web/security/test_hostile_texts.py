"""Texts of strangers (subjects, names, reasons, names of files, browsers) are shown as texts, on every page."""

import io
import zipfile

import pytest
from aiohttp import FormData
from lxml import html
from sqlalchemy import insert

from docaxis.backends.tables import quarantine
from docaxis.domain.status import StatusCode
from docaxis.hub.ids import new_id
from docaxis.web.clerk.document_package import _attachment
from tests.integration.clerk_rows import World
from tests.web.desk import BEGIN, Desk

HOSTILE = "</td></table><script src=//evil.example></script><img src=x onerror=alert(1)>\"'{{7*7}}%(n)s"
MARK = "evil.example"


def harmed(text: str) -> list[str]:
    """Return what the text has become where it should not: elements or attributes of a page."""
    page = html.fromstring(text)
    found = [one.tag for one in page.xpath("//script[contains(@src,'evil')] | //img[@src='x'] | //*[@onerror]")]
    found += [one for one in page.xpath("//@*") if one.startswith(("javascript:", "//evil", "data:text"))]
    return [*found, *(["template"] if ">49" in text and "{{7*7}}" not in text else [])]


async def test_lists_and_searches(desk: Desk) -> None:
    """v5.0.0-1.2.1: what is put into HTML is escaped for the place where it stands."""
    world = World()
    for sender, to in (("H41", "H01"), ("H01", "H41")):
        world.document(
            "x" + sender, {to: (StatusCode.REFUSED,)}, sender=sender, subject=HOSTILE, notation="<b>onerror="
        )
    await world.write(desk.database)
    await desk.sign_in("clerk", "H41", name=HOSTILE)
    seen = 0
    for path in ("/", "/sent", "/received", "/search?q=evil", "/register", "/account", "/views", "/compose"):
        answer = await desk.get(path, {"User-Agent": HOSTILE})
        assert answer.status == 200, path
        assert not harmed(answer.text), path
        seen += MARK in answer.text
    assert seen >= 3
    for path in (f"/search?q={HOSTILE}", f"/sent?q={HOSTILE}", f"/views?keep=/sent?q={HOSTILE}"):
        assert not harmed((await desk.get(path)).text), path


async def test_what_a_browser_calls_itself(desk: Desk) -> None:
    """v5.0.0-1.2.1, and no octets that no database keeps as text."""
    await desk.get("/sign-in")
    await desk.sign_in("administrator", name=HOSTILE)
    assert not harmed((await desk.get("/account")).text)
    assert not harmed((await desk.get(f"/people?q={HOSTILE}")).text)
    wrong = await desk.post("/people/add", {"login": HOSTILE, "name": HOSTILE, "title": HOSTILE, "organ_id": HOSTILE})
    assert (wrong.status, harmed(wrong.text), MARK in wrong.text) == (422, [], True)


async def test_quarantine(desk: Desk) -> None:
    async with desk.database.engine.begin() as connection:
        event_id = new_id(BEGIN)
        await connection.execute(
            insert(quarantine).values(
                event_id=event_id, origin="normal", endpoint=HOSTILE, message_id=HOSTILE, body=HOSTILE.encode(),
                reason=HOSTILE, quarantined_at=BEGIN,
            )
        )  # fmt: skip
    await desk.sign_in("operator")
    for path in ("/quarantine", f"/quarantine/{event_id.hex}", f"/endpoints/{'%3Cscript%3E'}"):
        answer = await desk.get(path)
        assert not harmed(answer.text), path


NAMES = ("a\r\nSet-Cookie: x=1", 'a"; filename="b.html', "../../x", "tệp “1”.pdf", "a\0b", "\u202efdp.exe")


@pytest.mark.parametrize("name", NAMES)
def test_name_of_a_file_stays_within_its_header(name: str) -> None:
    """v5.0.0-5.4.2: names go into the header quoted, and nothing of them becomes another header."""
    header = _attachment(name)
    assert header.startswith("attachment; ")
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert header.count(";") == 2


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "' + b"x" * 1000 + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8))
    + b"]><a>&i;</a>"
)  # fmt: skip
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
DEEP = b"<a>" * 100_000
WIDE = b"<a>" + b"<b/>" * 500_000 + b"</a>"


def packed() -> bytes:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", b"\0" * 50_000_000)
    return octets.getvalue()


@pytest.mark.parametrize("octets", [BOMB, OUTSIDE, DEEP, WIDE, packed(), b"", b"\xff\xfe<\0a\0/\0>\0"])
async def test_files_to_be_verified(desk: Desk, octets: bytes) -> None:
    """v5.0.0-1.5.1, v5.0.0-5.2.3: no entities, nothing fetched, nothing unpacked; the file is told to be none of ours."""
    await desk.sign_in("clerk", "H41")
    form = FormData()
    form.add_field("csrf", desk.form_token)
    form.add_field("file", octets, filename="x.edxml", content_type="application/xml")
    answer = await desk.post("/verify-file", form)
    assert answer.status in {200, 422}
    assert "root:" not in answer.text
    assert len(answer.text) < 100_000
