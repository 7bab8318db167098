"""The part of a draft that says what it does to an earlier document: recall, update or replacement."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapters.draft_values import DraftError, check_keys, names, needed_text, text
from adapters.flows import RECALL_SUFFIX, FlowError, earlier_document, replacing, updating
from docaxis.domain.envelope import Business, BusinessDocType, Envelope, ReplacementInfo

KINDS = {
    "recall": BusinessDocType.RECALL,
    "update": BusinessDocType.UPDATE,
    "replace": BusinessDocType.REPLACE,
}
KEYS = frozenset({"business", "updates", "replaces", "added", "removed", "reason"})
_OF_KIND = {
    BusinessDocType.RECALL: frozenset({"updates", "reason"}),
    BusinessDocType.UPDATE: frozenset({"updates", "added", "removed", "reason"}),
    BusinessDocType.REPLACE: frozenset({"replaces", "reason"}),
}


@dataclass(frozen=True, slots=True)
class FlowDraft:
    """What the TOML says of the earlier document; updates is its id, replaces those that the new one takes the place of."""

    kind: BusinessDocType
    reason: str
    updates: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    replaces: tuple[ReplacementInfo, ...] = ()

    @property
    def needs_files(self) -> bool:
        """Whether a document of this kind says nothing without a file."""
        return self.kind is BusinessDocType.REPLACE

    @property
    def own_id(self) -> str:
        """Return the id that a recall has where it is given none, empty for the others."""
        return self.updates + RECALL_SUFFIX if self.kind is BusinessDocType.RECALL else ""

    @property
    def subject(self) -> str:
        """Return the subject that a recall has where it is given none, empty for the others."""
        return f"Thu hồi văn bản {self.updates}" if self.kind is BusinessDocType.RECALL else ""


def read_flow(values: Mapping[str, object]) -> FlowDraft | None:
    """Read the keys of a flow, None for a draft without `business`; raises DraftError."""
    if "business" not in values:
        if strays := sorted(KEYS & values.keys()):
            raise DraftError(strays[0], "chỉ dùng cùng với business", "belongs to business, which is missing")
        return None
    kind = KINDS.get(text(values, "business"))
    if kind is None:
        listed = ", ".join(KINDS)
        raise DraftError("business", f"phải là một trong: {listed}", f"one of {listed} expected")
    for key in sorted((KEYS - _OF_KIND[kind] - {"business"}) & values.keys()):
        raise DraftError(key, f"không dùng với {values['business']}", f"has no meaning with {values['business']}")
    if kind is BusinessDocType.REPLACE:
        return FlowDraft(kind, text(values, "reason"), replaces=_replaced(values.get("replaces")))
    return FlowDraft(
        kind,
        needed_text(values, "reason") if kind is BusinessDocType.RECALL else text(values, "reason"),
        needed_text(values, "updates"),
        names(values, "added", needed=False),
        names(values, "removed", needed=False),
    )


def with_flow(envelope: Envelope, flow: FlowDraft) -> Envelope:
    """Return the envelope as the recall, update or replacement that it is; raises DraftError."""
    try:
        if flow.kind is BusinessDocType.UPDATE:
            return updating(envelope, flow.updates, added=flow.added, removed=flow.removed, reason=flow.reason)
        if flow.kind is BusinessDocType.REPLACE:
            return replacing(envelope, flow.replaces, reason=flow.reason)
        earlier = earlier_document(flow.updates, envelope.header.sender.organ_id)
    except FlowError as error:
        raise DraftError("business", error.vi, error.en) from None
    business = Business(BusinessDocType.RECALL, flow.updates, flow.reason)
    return replace(envelope, header=replace(envelope.header, response_for=(earlier,)), business=business)


def _replaced(value: object) -> tuple[ReplacementInfo, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        vi, en = "phải là một hay nhiều mục [[replaces]]", "one or more tables [[replaces]] expected"
        raise DraftError("replaces", vi, en)
    replaced = []
    for one in value:
        check_keys(one, {"document_id", "to"})
        replaced.append(ReplacementInfo(needed_text(one, "document_id"), names(one, "to", needed=False)))
    return tuple(replaced)
