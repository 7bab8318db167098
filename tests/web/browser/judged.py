"""What a page is judged by: accessibility, its words and forms, its width, and that it stands without scripts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from docaxis.web.written import Language

NARROW = 320
_FINDINGS = Path(__file__).with_name("findings.js").read_text(encoding="utf-8").partition("\n")[2]
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_WIDE = """() => {
  const wide = document.scrollingElement.scrollWidth - innerWidth
  if (wide <= 0) return ""
  const beyond = [...document.querySelectorAll("main *, header *, footer *")].filter(one => {
    const box = one.getBoundingClientRect()
    return box.width && box.right > innerWidth + 1 && !one.closest(".scrolls, .matrix-frame")
  })
  return `${wide} px too wide: ${beyond.slice(0, 3).map(one => one.outerHTML.slice(0, 100)).join(" | ")}`
}"""
_RUN_AXE = "options => axe.run(document, options).then(results => results.violations)"
_axe = Axe()


async def of_content(page: Page, language: Language) -> list[str]:
    """Return what is wrong with headings, tables, words, days and numbers."""
    found: list[str] = await page.evaluate(_FINDINGS, language)
    return found


async def of_accessibility(page: Page, *, whole: bool) -> list[str]:
    """Return axe's violations as the page stands; not whole: without loading style sheets anew, at half the work."""
    options = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"], "preload": whole}
    await page.evaluate(_axe.axe_script)
    violations: list[dict[str, Any]] = await page.evaluate(_RUN_AXE, options | {"selectors": False})
    return [f"axe {one['id']}: {' | '.join(_nodes(one))}" for one in violations]


async def of_width(page: Page) -> list[str]:
    """Return whether the page scrolls sideways on the narrowest screen."""
    before = page.viewport_size
    assert before is not None
    await page.set_viewport_size({"width": NARROW, "height": 640})
    too_wide: str = await page.evaluate(_WIDE)
    await page.set_viewport_size(before)
    return [f"at {NARROW} px {too_wide}"] if too_wide else []


def _nodes(violation: dict[str, Any]) -> Iterable[str]:
    for node in violation["nodes"][:3]:
        why = "; ".join(one["message"] for one in node["any"] + node["all"] + node["none"])
        yield f"{node['html'][:160]} ({why[:200]})"
