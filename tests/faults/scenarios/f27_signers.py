"""F27: an agency's certificate is replaced while everything runs; the old one is believed until it is revoked."""

from docaxis.domain.verdict import Reason
from docaxis.edxml.writer import write_envelope
from docaxis.local.pki import Issued
from docaxis.trust.signing import sign_package
from docaxis.wiring import utc_now
from tests.faults.scenario import Scenario
from tests.faults.stage import MINISTRIES, Stage
from tests.simulator import endpoint_of
from tests.waiting import eventually

REFRESH_S = 1
OVERLAP = 3


async def strike(stage: Stage) -> None:
    """Replace the certificate of an agency, `scale` times, under load."""
    async with stage.under_load(per_s=5.0):
        for _ in range(stage.scale):
            sender = stage.dice.choice(MINISTRIES)
            old, _ = stage.country.renew(sender)
            for _ in range(OVERLAP):
                await _send_signed_by(stage, sender, old, frozenset({"accepted"}))
                await stage.send(1, sender=sender)
            await stage.answered()
            stage.country.authority.revoke(old.certificate, reason="superseded", at=utc_now())
            stage.book.count("certificates replaced")
            await _until_refused(stage, sender, old)
            await stage.send(OVERLAP, sender=sender)


async def _until_refused(stage: Stage, sender: str, old: Issued) -> None:
    """Send with the old key until the hub has read the new list; from then on it is refused for that reason alone."""

    async def refused() -> bool:
        return await _answer_to(stage, sender, old, frozenset({"accepted", "rejected"})) == "rejected"

    await eventually("the old certificate is refused", refused)
    for _ in range(OVERLAP):
        assert await _answer_to(stage, sender, old, frozenset({"rejected"})) == "rejected"


async def _answer_to(stage: Stage, sender: str, signer: Issued, outcomes: frozenset[str]) -> str:
    message_id = await _send_signed_by(stage, sender, signer, outcomes)
    outcome: str = await eventually("an answer", lambda: _outcome(stage, message_id))
    codes = {one.code for one in stage.book.answers[message_id]}
    assert codes == {Reason.SIG_REVOKED.value if outcome == "rejected" else ""}, codes
    return outcome


async def _outcome(stage: Stage, message_id: str) -> str:
    return stage.book.outcome(message_id)


async def _send_signed_by(stage: Stage, sender: str, signer: Issued, outcomes: frozenset[str]) -> str:
    stage.numbers += 1
    to = [one for one in MINISTRIES if one != sender]
    envelope = stage.country.envelope(number=stage.numbers, to=to, sender=sender)
    package = sign_package(write_envelope(envelope), signer.key, signer.chain)
    assert isinstance(package, bytes), package
    message_id = f"{sender}-{stage.numbers}"
    await stage.agencies[sender].send(package, message_id, frozenset(map(endpoint_of, to)), outcomes)
    return message_id


SCENARIO = Scenario(
    title="an agency's certificate is replaced, the old one revoked",
    faults=("F27",),
    strike=strike,
    sections={"trust": {"refresh_s": REFRESH_S}},
)
