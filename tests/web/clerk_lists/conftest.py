"""What the tests of the lists share."""

import re

import pytest

from docaxis.domain.status import StatusCode
from tests.integration.clerk_rows import World
from tests.web.desk import Desk

ARRIVED, REFUSED, ACCEPTED = StatusCode.ARRIVED, StatusCode.REFUSED, StatusCode.ACCEPTED
FINISHED, ASKED = StatusCode.FINISHED, StatusCode.RECALL_ASKED


@pytest.fixture
async def story(desk: Desk) -> World:
    """What G22 sent to two provinces, what it got from a third, and what is none of its business; G22 has signed in."""
    world = World()
    late = world.document(
        "late", {"H41": (), "H26": (ARRIVED, ACCEPTED)}, sender="G22", number="8712", notation="CĐ-BNNMT",
        subject="V/v tập trung ứng phó mưa lũ lớn",
    )  # fmt: skip
    world.miss(late, "H41", sender="G22")
    world.document(
        "refused", {"H41": (ARRIVED, REFUSED)}, sender="G22", number="12", notation="QĐ-UBND",
        subject="Về việc <b>quy hoạch</b> đất",
    )  # fmt: skip
    done = (ARRIVED, ACCEPTED, FINISHED)
    world.document("fine", {"H41": done}, sender="G22", number="13", notation="TB-VP", subject="=1+1", finished=True)
    back = world.document("back", {"H26": (ARRIVED, ASKED)}, sender="G22", number="14", notation="TB-VP")
    world.deadline(back, "reply")
    incoming = world.document(
        "incoming", {"G22": ()}, sender="H26", number="77", notation="BC-UBND", subject="Báo cáo mưa lũ"
    )
    world.deadline(incoming)
    world.document("taken", {"G22": (ARRIVED, ACCEPTED)}, sender="H26", number="78", notation="BC-UBND")
    world.document(
        "foreign", {"H41": ()}, sender="H26", number="99", notation="BC-UBND", subject="Bí mật của người khác, mưa lũ"
    )
    await world.write(desk.database)
    await desk.sign_in("clerk", "G22")
    return world


def numbers(text: str) -> list[str]:
    """Return the numbers of the documents that a page shows, in their order, marks taken out."""
    found = re.findall(r'<span class="number" lang="vi">(.*?)</span>', text)
    return [re.sub("</?mark>", "", one) for one in found]
