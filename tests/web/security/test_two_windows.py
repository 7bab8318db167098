"""A form means the agency for which it was opened: switching it in another window, or losing a grant, does not redirect it."""

import re

from docaxis.domain.people import Grant
from docaxis.web.people.ports import CHANGES
from tests.web.desk import Desk


async def token_shown(desk: Desk) -> str:
    """Return the token of the forms of a page that is opened now."""
    shown = re.search(r'name="csrf" value="([^"]+)"', (await desk.get("/account")).text)
    assert shown is not None
    return shown[1]


async def test_form_of_another_agency_is_outdated(desk: Desk) -> None:
    """v5.0.0-8.2.2: what was opened for one agency is not done for the other one."""
    await desk.sign_in("clerk", "H41", grants=[Grant("H26", with_subordinates=False)])
    for_own = await token_shown(desk)
    assert (await desk.post("/account/agency", {"organ_id": "H26"})).status == 303
    for_other = await token_shown(desk)
    assert for_own != for_other
    late = await desk.post("/account/language", {"csrf": for_own, "language": "en"})
    assert (late.status, "WEB.FORM_OUTDATED" in late.text) == (403, True)
    assert (await desk.post("/account/language", {"csrf": for_other, "language": "vi"})).status == 303
    assert (await desk.post("/account/agency", {"csrf": for_other, "organ_id": "H41"})).status == 303
    assert (await desk.post("/account/language", {"csrf": for_other, "language": "en"})).status == 403
    assert (await desk.post("/account/language", {"csrf": for_own, "language": "en"})).status == 303


async def test_grant_that_is_gone_takes_its_forms_along(desk: Desk) -> None:
    """v5.0.0-8.3.2: with the next request the clerk acts for the own agency, and no open form for it by mistake."""
    person = await desk.sign_in("clerk", "H41", grants=[Grant("H26", with_subordinates=False)])
    assert (await desk.post("/account/agency", {"organ_id": "H26"})).status == 303
    for_other = await token_shown(desk)
    await desk.app[CHANGES].revoke(person, "H26", desk.clock(), "test")
    assert (await desk.post("/account/language", {"csrf": for_other, "language": "en"})).status == 403
    assert (await desk.post("/account/language", {"csrf": await token_shown(desk), "language": "en"})).status == 303
