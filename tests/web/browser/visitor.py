"""People before a browser: each in a context of their own, signed in, in a language and a theme."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Literal

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from docaxis.web.preferences import COOKIE
from docaxis.web.state import Theme
from docaxis.web.written import Language

Login = Literal["van-thu-bo", "van-thu-xa", "kiem-tra", "van-hanh", "quan-tri", ""]
"""The people of the demonstration; empty: somebody who has not signed in."""
DESK, PHONE = 1440, 390
"""Widths in CSS pixels."""
PATIENCE_MS = 60_000
"""How long a page may take: of a machine that has other work too nothing is known."""
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Visitor:
    """A page, and what it did that no page may do: errors on its console, requests to elsewhere."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    async def go(self, path: str) -> int:
        """Open a path and return the status."""
        answer = await self.page.goto(self.address + path)
        assert answer is not None
        return answer.status

    async def prefer(self, language: Language, theme: Theme) -> None:
        """See the next pages in another language and theme."""
        cookie = {"name": COOKIE, "value": _preferences(language, theme), "url": self.address}
        await self.page.context.add_cookies([cookie])  # type: ignore[list-item]

    async def kind_of(self, path: str) -> str:
        """Return the media type of what a path answers, empty where it does not answer with 200."""
        answer = await self.page.context.request.get(self.address + path)
        kind = answer.headers.get("content-type", "").partition(";")[0]
        await answer.dispose()
        return kind if answer.status == HTTPStatus.OK else ""

    async def heading(self) -> str:
        """Return the text of the page's one first heading."""
        (heading,) = await self.page.locator("h1").all_inner_texts()
        return " ".join(heading.split())

    def watch(self) -> None:
        """Begin to note complaints."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self._where()}: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self._where()}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self.complaints.append(f"{self._where()} asks {request.url}")

    def _where(self) -> str:
        return self.page.url.removeprefix(self.address)


@dataclass
class Visitors:
    """Opens pages; all of them are closed together."""

    browser: Browser
    address: str
    contexts: list[BrowserContext] = field(default_factory=list)

    async def visitor(
        self,
        login: Login,
        language: Language = "vi",
        theme: Theme = "light",
        *,
        scripts: bool = True,
        width: int = DESK,
    ) -> Visitor:
        """Return a page of somebody who has signed in with one press and stands on the first page."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="vi-VN",
            timezone_id="America/New_York",  # whose clock the reader has must not matter
        )
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(await context.new_page(), self.address)
        await visitor.prefer(language, theme)
        visitor.watch()
        await visitor.go("/sign-in")
        if login:
            await visitor.page.locator(f'form:has(input[name="login"][value="{login}"]) button').click()
            await expect(visitor.page).not_to_have_url(f"{self.address}/sign-in")
        return visitor

    async def close(self) -> None:
        """Close every page."""
        for context in self.contexts:
            await context.close()


def _preferences(language: Language, theme: Theme) -> str:
    """Return the cookie as the settings page writes it."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[COOKIE] = json.dumps({"lang": language, "theme": theme, "keys": "on"}, separators=(",", ":"))
    return cookie[COOKIE].coded_value
