"""Everything a decision depends on besides the arrival: immutable, swapped as a whole when any part of it changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from docaxis.domain.directory import Directory
from docaxis.domain.rules import Policy
from docaxis.edxml.limits import Limits
from docaxis.trust.certificate import ChainCache, TrustStore


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The directory, rules, anchors, revocations, bindings and limits at one moment.

    bindings: certificate fingerprint → organ ids that the registry lets it speak for; tokens: endpoint → queue token.
    """

    directory: Directory
    policy: Policy
    trust: TrustStore
    chains: ChainCache
    bindings: Mapping[str, frozenset[str]]
    tokens: Mapping[str, str]
    limits: Limits
