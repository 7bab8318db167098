"""The style sheet as browsers get it, and the colours that stand in it."""

import re

from docaxis.web.static import _octets

SHEET = _octets()["app.css"].decode()


def tokens(selector: str) -> dict[str, str]:
    """Return the colours that a block sets: name without dashes → #RRGGBB."""
    block = re.search(re.escape(selector) + r" \{(.*?)\}", SHEET, re.DOTALL)
    assert block, f"no {selector} in the style sheet"
    return dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", block[1]))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (1 to 21), by WCAG 2.2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
