"""Documents by folded words, newest first: one statement that is quick for common words and for rare ones.

No index gives a word's documents in the order of time. So the newest documents are walked first, which finds a page of any
common word at once. Only where they do not fill the page the word index is asked, and by then the words are rare enough
to sort all that it finds. SQLite has no such index and compares every document.
"""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, FromClause, Select, and_, func, literal, not_, select, text, true, union_all

from docaxis.backends.reading import page
from docaxis.backends.tables import DOCUMENT_WORDS, deliveries, documents

WALKED = 10_000
"""Newest documents that are compared before the word index is asked: what one document in a hundred holds fills a page."""

WALKED_OF_SENDER = 2_000
"""The same among one sender's documents, which lie far apart; the index then finds his alone."""

WORD_LENGTH_MAX = 250
"""Signs of a word that the index keeps at least: of a longer one it may have the beginning only."""


def holds(words: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a document's number, notation and subject hold every one of these folded words."""
    padded = literal(" ").concat(documents.c.folded).concat(" ")
    conditions: list[ColumnElement[bool]] = []
    for word in words:
        alone = word.removesuffix("*")
        # The first comparison costs little and lets few documents through to the second.
        conditions += [
            documents.c.folded.contains(alone, autoescape=True),
            padded.contains(f" {alone}" + ("" if word.endswith("*") else " "), autoescape=True),
        ]
    return and_(true(), *conditions)


def documents_with(
    words: Sequence[str], sender: str | None, received_by: str | None, after: tuple[Any, UUID] | None, limit: int
) -> Select[Any]:
    """Select keys and moments of a page for PostgreSQL, by one word at least."""
    scope, place, besides = _scope(sender, received_by)
    seen = None if after is None else after[-len(place) :]
    held = and_(holds(words), *besides).label("held")
    most = WALKED if sender is None or received_by else min(WALKED, WALKED_OF_SENDER)
    newest = page(scope.add_columns(held), place, seen, most)
    if received_by is not None and seen is not None:
        # Said of both tables: else a merge of the two would go through all documents that are newer.
        newest = newest.where(documents.c.document_key < seen[0])
    # What an addressee has not received is dear to look for, so the index is spared where the walk has seen all of it.
    walked = newest.subquery("walked") if received_by is None else _apart(newest, "walked")
    # Not sorted again: read in the order of the walk, which then ends as soon as the page is full.
    near = select(walked.c.document_key, walked.c.accepted_at).where(walked.c.held).limit(limit).cte("near")
    enough = select(func.count()).select_from(near).scalar_subquery() >= limit
    if received_by is not None:
        enough |= select(func.count()).select_from(walked).scalar_subquery() < most
    far = _indexed(words, sender, received_by)
    found = union_all(
        select(near.c.document_key, near.c.accepted_at).where(enough),
        select(page(select(far), _same(far, place), seen, limit).subquery()).where(not_(enough)),
    ).subquery("found")
    return page(select(found), _same(found, place), None, limit)


def _indexed(words: Sequence[str], sender: str | None, received_by: str | None) -> FromClause:
    """Return all that the word index finds; apart from the rest, or the planner might walk all documents instead."""
    wanted = text(f"{DOCUMENT_WORDS} @@ CAST(:wanted AS tsquery)").bindparams(wanted=_tsquery(words, sender))
    matches = select(documents.c.document_key, documents.c.accepted_at).where(wanted)
    if any(len(word) > WORD_LENGTH_MAX for word in words):
        matches = matches.where(holds(words))
    found = _apart(matches, "indexed")
    if received_by is None:
        return found
    return (
        select(found)
        .join(deliveries, deliveries.c.document_key == found.c.document_key)
        .where(deliveries.c.organ_id == received_by, deliveries.c.state == "dispatched")
        .subquery("received")
    )


def _apart(query: Select[Any], name: str) -> CTE:
    return query.cte(name).prefix_with("MATERIALIZED", dialect="postgresql")


def _same(found: FromClause, place: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [found.c[str(column.key)] for column in place]


def _scope(
    sender: str | None, received_by: str | None
) -> tuple[Select[Any], list[ColumnElement[Any]], list[ColumnElement[bool]]]:
    """Return whose documents are asked for, the columns that bring them newest first, and what no index tells of them."""
    mine = [] if sender is None else [documents.c.sender == sender]
    if received_by is None:
        scope = select(documents.c.document_key, documents.c.accepted_at).where(*mine)
        return scope, [documents.c.accepted_at, documents.c.document_key], []
    scope = (
        select(deliveries.c.document_key, documents.c.accepted_at)
        .join_from(deliveries, documents, documents.c.document_key == deliveries.c.document_key)
        .where(deliveries.c.organ_id == received_by, deliveries.c.state == "dispatched")
    )
    # Keys are made of the moment of arrival, so they are an order of time of their own.
    return scope, [deliveries.c.document_key], mine


def documents_of(
    words: Sequence[str], sender: str | None, received_by: str | None, after: tuple[Any, UUID] | None, limit: int
) -> Select[Any]:
    """Select keys and moments of a page without the word index: all documents, or every one compared (SQLite)."""
    scope, place, besides = _scope(sender, received_by)
    return page(scope.where(holds(words), *besides), place, None if after is None else after[-len(place) :], limit)


def _tsquery(words: Sequence[str], sender: str | None) -> str:
    terms = [_quoted(word.removesuffix("*")) + (":*" if _is_open(word) else "") for word in words]
    if sender is not None:
        terms.append(_quoted(f"@{sender}"))
    return " & ".join(terms)


def _is_open(word: str) -> bool:
    return word.endswith("*") or len(word) > WORD_LENGTH_MAX


def _quoted(word: str) -> str:
    kept = word[:WORD_LENGTH_MAX]
    return "'" + re.sub(r"(['\\])", r"\1\1", kept) + "'"
