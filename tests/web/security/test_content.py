"""Who may not read documents learns nothing of what stands in them, on any page, in any file, in any error."""

import pytest

from docaxis.domain.people import Role
from docaxis.domain.status import StatusCode
from docaxis.web.site import SITE
from docaxis.wiring.pages import AREAS
from tests.integration.clerk_rows import World
from tests.web.desk import Desk

SUBJECT = "Kế hoạch tuyệt mật chim hoàng yến"
MARK = "hoàng yến"
PAGES = [page for area in AREAS for page in area.pages if not page.acts]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR])
async def test_operators_and_administrators_read_no_documents(desk: Desk, role: Role) -> None:
    """v5.0.0-8.2.2: neither subject nor number, wherever they look, whatever they paste."""
    world = World()
    key = world.document("van-ban-chim", {"H01": (StatusCode.REFUSED,)}, number="7742", subject=SUBJECT)
    await world.write(desk.database)
    await desk.sign_in(role)
    for page in PAGES:
        if "stream" in page.path or page.path == "/changes":
            continue
        for part in (str(key), key.hex, "H41"):
            path = "/".join(part if piece.startswith("{") else piece for piece in page.path.split("/"))
            if page.path.startswith("/check"):
                continue
            answer = await desk.get(f"{path}?q=7742&state=all&code=&agency=H41&which=sent")
            assert MARK not in answer.text, path
            assert "van-ban-chim" not in answer.text, path
            if page.roles and role not in page.roles:
                assert answer.status == 404, path
            if "{" not in page.path:
                break


async def test_a_receipts_check_names_no_subject_and_no_party(desk: Desk) -> None:
    world = World()
    key = world.document("van-ban-chim", {"H01": ()}, number="7742", subject=SUBJECT)
    await world.write(desk.database)
    for path in (f"/check/{key}", f"/check?code={key.hex}"):
        answer = await desk.get(path)
        for told in (MARK, "H41", "H01", name_of(desk, "H41"), name_of(desk, "H01")):
            assert told not in answer.text


def name_of(desk: Desk, organ_id: str) -> str:
    return desk.app[SITE].name_of(organ_id)
