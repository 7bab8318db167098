"""What the hub answers to `recall` and its kin: told in the language of the user, and waited for where it comes soon."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from docaxis.cli import sending
from docaxis.domain.receipt import Effect, Receipt

NOW = datetime(2026, 1, 5, tzinfo=UTC)
RECEIPT = Receipt("r", "hub", "g22", "m", "sha256:", "accepted", NOW, NOW, "", "G22", "G22,2026/01/05,12/QĐ-TTg/TH")


@pytest.mark.parametrize(
    ("spoken", "shown"),
    [
        (
            "en",
            ["ADDRESSEE", "H41", "being taken back, not fetched yet", "fetched, the addressee is asked", "03 accepted"],
        ),
        ("vi", ["NƠI NHẬN", "H41", "đang lấy lại từ hộp đến, chưa ai nhận", "03 đã tiếp nhận"]),
    ],
)
def test_effects_are_shown_in_the_language_of_the_user(
    spoken: str, shown: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANG", f"{spoken}_VN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    effects = (
        Effect("H41", "withdrawing", "h41", "0" * 32, "normal", 1),
        Effect("G12", "asked", "g12", "0" * 32, "normal", 4, "03"),
        Effect("G13", "unheard-of", "g12", "0" * 32, "normal", 5, "99"),
    )
    receipt = replace(RECEIPT, effects=effects)
    about = {"act": "recall", **sending._describe(receipt)}
    assert [one["act"] for one in about["effects"]] == ["withdrawing", "asked", "unheard-of"]
    sending._tell("recall", about, receipt)
    printed = capsys.readouterr().out
    assert all(one in printed for one in [*shown, "unheard-of", "99"]), printed


class Answers:
    """A client that has two receipts to give: a deferral, then a refusal."""

    def __init__(self, retry_after: timedelta, final: Receipt | None) -> None:
        self.first = replace(RECEIPT, outcome="deferred", retry_at=datetime.now(UTC) + retry_after)
        self.last = final

    async def receipt_for(self, _message_id: str, timeout_s: float, _digest: str, *, final: bool = True) -> Any:
        """Return what is asked for."""
        assert timeout_s > 0
        if not final:
            return SimpleNamespace(receipt=self.first)
        if self.last is None:
            raise TimeoutError
        return SimpleNamespace(receipt=self.last)


@pytest.mark.parametrize(
    ("retry_after", "final", "told"),
    [
        (timedelta(seconds=3), "rejected", "rejected"),
        (timedelta(seconds=3), None, "deferred"),
        (timedelta(minutes=5), "rejected", "deferred"),
    ],
)
async def test_a_deferral_that_is_decided_soon_is_waited_for(
    retry_after: timedelta, final: str | None, told: str
) -> None:
    client: Any = Answers(retry_after, replace(RECEIPT, outcome=final) if final else None)
    receipt = await sending._answer(client, "m", b"x", 30)
    assert receipt is not None
    assert receipt.outcome == told
