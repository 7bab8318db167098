"""The made database holds what each of the clerk's questions asks for; how fast it answers is the bench's business."""

import pytest

from tests.bench import queries
from tests.bench.million import fill

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def silent(_line: str) -> None:
    """Say nothing."""


async def test_every_question_is_asked_and_most_find_something(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for times in ("WARM_UP", "EXPLAINED"):
        monkeypatch.setattr(queries, times, 1)
    await fill(postgres_dsn, 3_000, silent)
    found = await queries.measure(postgres_dsn, silent, asked=5)
    result = queries.described(found, 3_000, 0.0)
    # With all filters at once, hardly anything is left of so few documents.
    empty = {one["name"] for one in result["questions"] if not one["rows"] and ", all filters" not in one["name"]}
    # Few recalls, few agencies: at this size nobody may have been drawn whom they concern.
    assert empty <= {
        "recalled and unanswered, by sender", "recalled and unanswered, by addressee", "a word that is in none",
        "a word in one document", "by number and notation, sender", "overdue, by addressee", "received, needs an answer",
        "two words of different subjects", "number, notation and a word", "a word, received by an agency",
        "refused, by sender", "overdue, by sender", "list of sent: recalled", "list of received: recalled",
        "list of received: overdue", "list of received: waiting", "list of received: refused", "list of sent: overdue",
        "list of sent: refused", "list of sent: attention", "first page: waits for our word", "first page: next deadlines",
        "first page: refusals to act on", "beginning of a rare word",
    }  # fmt: skip
    assert all(0 <= one["p50_ms"] <= one["p95_ms"] <= one["longest_ms"] for one in result["questions"])
    assert all(one["cpu_p95_ms"] > 0 for one in result["questions"])


def test_a_scan_of_a_big_table_is_seen_wherever_it_stands() -> None:
    def node(kind: str, table: str = "", loops: int = 1, *parts: object) -> dict[str, object]:
        return {"Node Type": kind, "Relation Name": table, "Actual Loops": loops, "Plans": list(parts)}

    plan = node(
        "Limit", "", 1, node("Index Scan", "documents"), node("Sort", "", 1, node("Parallel Seq Scan", "deliveries"))
    )
    assert list(queries._scans(plan)) == ["deliveries"]
    assert list(queries._scans(node("Seq Scan", "documents", 0))) == []
    assert list(queries._scans(node("Seq Scan", "lanes"))) == []
