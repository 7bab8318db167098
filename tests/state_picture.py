"""Draws the states of an addressee's copy out of `domain.status.advance`; `python -m tests.state_picture` rewrites the page."""

from collections.abc import Iterator
from pathlib import Path

from docaxis.domain.status import BUSINESS, NAMES, RECALL, StatusCode, advance, business, mask_of, recall

PAGE = Path(__file__).resolve().parent.parent / "docs" / "flows" / "states.md"
BEGIN, END = "<!-- drawn from docaxis/domain/status.py -->", "<!-- end of the drawing -->"


def bands() -> str:
    """Return the two bands as state diagrams and as one table of what each status does in each state."""
    return "\n\n".join((_diagram(BUSINESS, "work"), _diagram(RECALL, "taking back"), _table()))


def page_with(drawing: str, page: str) -> str:
    """Return the page with the drawing between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{drawing}\n\n{END}{after}"


def _diagram(band: tuple[StatusCode, ...], name: str) -> str:
    lines = ["```mermaid", "stateDiagram-v2", f"    %% {name}"]
    lines += [f"    s{code.written} : {code.written} {NAMES[code][1]}" for code in band]
    lines += [f"    {_state(start)} --> s{code.written}" for start, code in _changes(band)]
    return "\n".join([*lines, "```"])


def _changes(band: tuple[StatusCode, ...]) -> Iterator[tuple[StatusCode | None, StatusCode]]:
    for start in (None, *band):
        for code in band:
            if advance(mask_of([start] if start else []), code).applied:
                yield start, code


def _table() -> str:
    starts = (None, *BUSINESS, *RECALL)
    head = "| state, then status | " + " | ".join(code.written for code in StatusCode) + " |"
    rows = [head, "|---" * (len(StatusCode) + 1) + "|"]
    for start in starts:
        mask = mask_of([start] if start else [])
        cells = []
        for code in StatusCode:
            step = advance(mask, code)
            now = business(step.statuses) if code in BUSINESS else recall(step.statuses)
            cells.append(f"**{now.written}**" if step.applied and now else "recorded")
        rows.append(
            f"| {start.written + ' ' + NAMES[start][1] if start else 'nothing yet'} | " + " | ".join(cells) + " |"
        )
    return "\n".join(rows)


def _state(code: StatusCode | None) -> str:
    return f"s{code.written}" if code else "[*]"


if __name__ == "__main__":
    PAGE.write_text(page_with(bands(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
