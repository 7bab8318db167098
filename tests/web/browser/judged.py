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
_axe = Axe()


async def of_content(page: Page, language: Language) -> list[str]:
    """Return what is wrong with headings, tables, words, days and numbers."""
    found: list[str] = await page.evaluate(_FINDINGS, language)
    return found


async def of_accessibility(page: Page) -> list[str]:
    """Return axe's violations in this theme, and those of colour in the other one."""
    rules = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
    found = _sentences("", await _axe.run(page, options=rules))
    theme = await page.evaluate("document.documentElement.dataset.theme")
    await page.evaluate("document.documentElement.dataset.theme = 'dark'")
    colours = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
    found += _sentences("dark: ", await _axe.run(page, options=colours))
    await page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    return found


async def of_width(page: Page) -> list[str]:
    """Return whether the page scrolls sideways on the narrowest screen."""
    before = page.viewport_size
    assert before is not None
    await page.set_viewport_size({"width": NARROW, "height": 640})
    too_wide: str = await page.evaluate(_WIDE)
    await page.set_viewport_size(before)
    return [f"at {NARROW} px {too_wide}"] if too_wide else []


def _sentences(where: str, results: Any) -> list[str]:
    def nodes(violation: dict[str, Any]) -> Iterable[str]:
        for node in violation["nodes"][:3]:
            why = "; ".join(one["message"] for one in node["any"] + node["all"] + node["none"])
            yield f"{node['html'][:160]} ({why[:200]})"

    return [f"{where}axe {one['id']}: {' | '.join(nodes(one))}" for one in results.response["violations"]]
