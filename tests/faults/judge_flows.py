"""I4 of statuses and recalls: the hub's own rows against the book."""

from collections import Counter
from typing import TYPE_CHECKING

from tests.faults.balance import Balance
from tests.faults.balance_flows import documents, masks, taken_back

if TYPE_CHECKING:
    from tests.faults.stage import Stage


async def judge_flows(stage: "Stage", judged: Balance) -> None:
    """Every accepted status stands there once, each copy is what was said of it, and nobody doubted a word of the hub."""
    book, ground = stage.book, stage.ground
    statuses, recalls = book.accepted("status"), book.accepted("recall")
    due = {(one.digest, one.organ_id) for one in statuses.values()}
    due |= {(one.digest, effect.organ_id) for m, one in recalls.items() for effect in book.effects(m)}
    rows = Counter(
        (digest, organ_id) for digest, organ_id in await ground.rows("SELECT digest, organ_id FROM statuses")
    )
    judged.breach("I4", "statuses not recorded", sorted(due - rows.keys()))
    judged.breach("I4", "statuses that nobody sent", sorted(rows.keys() - due))
    judged.breach("I4", "statuses recorded twice", sorted(one for one, times in rows.items() if times > 1))
    events = await ground.events()
    judged.differs(
        "I4", "events of statuses", events["status:accepted"], len({one.digest for one in statuses.values()})
    )
    judged.differs("I4", "events of recalls", events["recall:accepted"], len({one.digest for one in recalls.values()}))
    judged.breach("I1", "not believed", (why for agency in stage.agencies.values() for why in agency.set_aside()))
    copies = await ground.rows(
        "SELECT d.document_id, v.organ_id, v.statuses, v.state, v.endpoint, v.document_key"
        " FROM deliveries v JOIN documents d ON d.document_key = v.document_key"
    )
    wanted = masks(book)
    otherwise = [
        f"{document_id} {organ_id}: {found:b}, not {wanted.get((document_id, organ_id), 0):b}"
        for document_id, organ_id, found, *_ in copies
        if found != wanted.get((document_id, organ_id), 0)
    ]
    judged.breach("I4", "states that are not the union of what was said", otherwise)
    of = documents(book)
    rested = {(endpoint, str(key).replace("-", "")) for *_, state, endpoint, key in copies if state == "withdrawn"}
    gone = {(endpoint, of[key].digest) for endpoint, key in rested if key in of}
    judged.breach("I4", "withdrawn for the hub alone, or for the endpoint alone", sorted(gone ^ taken_back(book)))
    judged.counts["copies withdrawn"] = len(gone)
