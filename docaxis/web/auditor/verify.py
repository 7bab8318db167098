"""Checking a range of the log: asking for it, watching it, and what all checks came to."""

import asyncio
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aiohttp import hdrs, web
from aiohttp_sse import EventSourceResponse

from docaxis.domain.calendar import day_of
from docaxis.domain.people import Mandate
from docaxis.web.auditor.checks import CHECKS, Check
from docaxis.web.auditor.kinds import FAULTS
from docaxis.web.auditor.mandate import within_mandate
from docaxis.web.auditor.ports import AUDIT
from docaxis.web.days import read_day
from docaxis.web.render import address, render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.written import Written

_WEEK = timedelta(days=6)
_HEARTBEAT_S = 10.0


@dataclass(frozen=True, slots=True)
class _Form:
    first: str
    last: str
    errors: dict[str, str]


@within_mandate
async def show_verify(request: web.Request, mandate: Mandate) -> web.Response:
    """Show the form, the check under way or the last one, and what all checks came to."""
    last = max(mandate.first_day, min(mandate.last_day, day_of(request.app[SITE].now())))
    first = max(mandate.first_day, last - _WEEK)
    return await _page(request, mandate, _Form(f"{first:%d/%m/%Y}", f"{last:%d/%m/%Y}", {}))


@within_mandate
async def start_check(request: web.Request, mandate: Mandate) -> web.Response:
    """Begin a check of some days; 422 with the errors at their fields where that cannot be."""
    form = await request.post()
    typed = {name: str(form.get(name, "")).strip() for name in ("first", "last")}
    days, errors = _days(request, mandate, typed)
    checks, login = request.app[CHECKS], request[VISIT].person.login
    current = checks.of(login)
    if current is not None and current.state == "running":
        errors["first"] = spoken(request, "Lần kiểm trước đang chạy. Dừng lại hoặc đợi xong.")
    elif checks.is_busy:
        errors["first"] = spoken(request, "Hai lần kiểm khác đang chạy. Đợi một phút rồi làm lại.")
    if not errors and days is not None:
        first, end = await request.app[AUDIT].range_of(*days)
        if end > first:
            checks.start(login, days, first, end)
            raise web.HTTPSeeOther(address(request, "verify"))
        errors["first"] = spoken(request, "Khoảng này không có mục nào.")
    return await _page(request, mandate, _Form(typed["first"], typed["last"], errors), 422)


@within_mandate
async def stop_check(request: web.Request, mandate: Mandate) -> web.Response:
    """End the reader's check."""
    del mandate
    await request.app[CHECKS].stop(request[VISIT].person.login)
    raise web.HTTPSeeOther(address(request, "verify"))


@within_mandate
async def stream_check(request: web.Request, mandate: Mandate) -> web.StreamResponse:
    """Send the progress of the reader's check as it comes; ends with the check."""
    del mandate
    checks, login = request.app[CHECKS], request[VISIT].person.login
    response = EventSourceResponse()
    del response.headers[hdrs.CACHE_CONTROL]
    await response.prepare(request)
    async with response:
        while (check := checks.of(login)) is not None and response.is_connected():
            # Taken before it is told: what changes meanwhile is then not missed.
            changed = check.changed
            await response.send(json.dumps(_told(request, check)), event="progress")
            if check.state != "running":
                break
            try:
                async with asyncio.timeout(_HEARTBEAT_S):
                    await changed.wait()
            except TimeoutError:
                continue
    return response


async def _page(request: web.Request, mandate: Mandate, form: _Form, status: int = 200) -> web.Response:
    audit = request.app[AUDIT]
    check = request.app[CHECKS].of(request[VISIT].person.login)
    return render(
        request,
        "auditor/verify.html",
        status,
        mandate=mandate,
        form=form,
        check=check,
        told=_told(request, check) if check else None,
        past=await audit.past("log:verified"),
        size=await audit.size(),
        faults=FAULTS,
    )


def _days(
    request: web.Request, mandate: Mandate, typed: dict[str, str]
) -> tuple[tuple[date, date] | None, dict[str, str]]:
    errors: dict[str, str] = {}
    days: list[date] = []
    for name, text in typed.items():
        day = read_day(text)
        if day is None:
            errors[name] = spoken(request, "Ngày viết dạng 20/11/2026.")
            continue
        days.append(day)
        if not mandate.first_day <= day <= mandate.last_day:
            errors[name] = spoken(request, "Ngày này ngoài phạm vi kiểm tra.")
    if errors:
        return None, errors
    first, last = days
    if last < first:
        return None, {"last": spoken(request, "Ngày cuối trước ngày đầu.")}
    return (first, last), {}


def _told(request: web.Request, check: Check) -> dict[str, Any]:
    """Return the progress in words, as page and stream both say it."""
    written = Written(request[PREFERENCES].language)
    left = ""
    if check.state == "running" and check.left_s is not None:
        left = spoken(request, "còn khoảng %(seconds)s giây", seconds=written.number(max(1, round(check.left_s))))
    return {
        "state": check.state,
        "done": check.done,
        "whole": check.whole,
        "figure": f"{written.number(check.done)}/{written.number(check.whole)}",
        "second": ", ".join(filter(None, (written.share(check.done, check.whole), left))),
        "faults": check.fault_count,
    }
