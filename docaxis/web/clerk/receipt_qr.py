"""A QR code as the runs of its dark modules, for the page and for the PDF."""

from collections.abc import Iterator
from typing import NamedTuple

import segno
from markupsafe import Markup

QUIET_MODULES = 2
"""Room around a code inside its drawing; the paper around it is white too."""


class Run(NamedTuple):
    """Dark modules beside each other: column, row, how many."""

    column: int
    row: int
    length: int


def qr_runs(text: str) -> tuple[int, tuple[Run, ...]]:
    """Return how many modules a side has, and the dark runs; error correction M, so that a stamp over it does no harm."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    return len(rows), tuple(run for number, row in enumerate(rows) for run in _runs(number, row))


def qr_svg(text: str, label: str) -> Markup:
    """Return the code as a drawing: dark on white in every theme, since scanners want it so."""
    side, runs = qr_runs(text)
    path = "".join(
        f"M{run.column + QUIET_MODULES} {run.row + QUIET_MODULES}h{run.length}v1h-{run.length}z" for run in runs
    )
    whole = side + 2 * QUIET_MODULES
    return Markup(
        '<svg viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<rect width="{0}" height="{0}" fill="#fff"/><path d="{2}" fill="#000"/></svg>'
    ).format(whole, label, path)


def _runs(number: int, row: bytes) -> Iterator[Run]:
    start = None
    for column, dark in enumerate((*row, 0)):
        if dark and start is None:
            start = column
        elif not dark and start is not None:
            yield Run(start, number, column - start)
            start = None
