"""One verdict about one package's octets: the same pure steps as `decide`, without endpoint, lane and store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from docaxis.domain.calendar import day_of
from docaxis.domain.directory import Directory
from docaxis.domain.envelope import StatusEnvelope
from docaxis.domain.routing import find_sender, route
from docaxis.domain.rules import Policy
from docaxis.domain.verdict import Deferral, Rejection
from docaxis.edxml.limits import DEFAULT_LIMITS
from docaxis.hub.decide import Deferred, Proven, Rejected, check_speaker, prove
from docaxis.trust.certificate import Signer, TrustStore

NO_DIRECTORY = "no directory given: addressees were not judged"


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a package is judged by; without a policy addressees are not judged, and only `directory` tells who may speak.

    bindings: certificate or key digest → organ ids, as registered.
    """

    trust: TrustStore
    at: datetime
    directory: Directory
    policy: Policy | None = None
    bindings: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: the refusal or deferral (None: accepted), the proven signer, and what was not judged."""

    cause: Rejection | Deferral | None = None
    signer: Signer | None = None
    unjudged: str = ""

    @property
    def word(self) -> str:
        """Return `accepted`, `rejected` or `deferred`."""
        return word_of(self.cause)


def word_of(cause: Rejection | Deferral | None) -> str:
    """Return what a verdict with this cause is called."""
    if cause is None:
        return "accepted"
    return "deferred" if isinstance(cause, Deferral) else "rejected"


def verify_package(body: bytes, grounds: Grounds) -> Finding:
    """Judge a document or status package as the hub would: proof → who may speak → route."""
    proven = prove(body, grounds.trust, DEFAULT_LIMITS, grounds.at)
    if isinstance(proven, Rejected):
        return Finding(proven.rejection)
    if isinstance(proven, Deferred):
        return Finding(proven.deferral)
    if grounds.policy is None:
        # Even without a policy nobody speaks for an agency that his certificate has nothing to do with.
        return Finding(check_speaker(proven, grounds.directory, grounds.bindings), proven.signer, NO_DIRECTORY)
    return Finding(_check_parties(proven, grounds, grounds.policy), proven.signer)


def _check_parties(proven: Proven, grounds: Grounds, policy: Policy) -> Rejection | None:
    day = day_of(grounds.at)
    found = find_sender(proven.sender, grounds.directory, day)
    if isinstance(found, Rejection):
        return found
    if refusal := check_speaker(proven, grounds.directory, grounds.bindings):
        return refusal
    if isinstance(proven.envelope, StatusEnvelope):
        return None
    routed = route(proven.envelope.header, grounds.directory, policy, day)
    return routed if isinstance(routed, Rejection) else None
