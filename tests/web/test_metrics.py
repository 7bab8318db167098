"""What a web process counts: pages by name and class of status, streams while they are open, failed tries to sign in."""

import re

from prometheus_client import generate_latest

from docaxis.api.v1.openapi import PREFIX
from docaxis.web.metrics import METRICS
from tests.web.desk import Desk


def value_of(desk: Desk, sample: str, **labels: str) -> float | None:
    return desk.app[METRICS].registry.get_sample_value(sample, labels)


async def test_pages_are_counted_by_name_and_never_by_address(desk: Desk) -> None:
    await desk.sign_in("clerk", "H41")
    await desk.get("/sent")
    await desk.get("/sent?q=7")
    await desk.get("/documents/0198c1d2-0000-7000-8000-000000000000")
    await desk.get("/no-such-page/0198c1d2")
    await desk.get(f"{PREFIX}/documents")
    counted = {
        (page, status): value_of(desk, "docaxis_web_requests_total", page=page, status=status)
        for page, status in (("sent", "2xx"), ("document", "4xx"), ("none", "4xx"))
    }
    assert counted == {("sent", "2xx"): 2, ("document", "4xx"): 1, ("none", "4xx"): 1}
    assert value_of(desk, "docaxis_web_request_duration_seconds_count", page="sent") == 2
    api = [
        sample.labels["page"]
        for family in desk.app[METRICS].registry.collect()
        for sample in family.samples
        if sample.name == "docaxis_web_requests_total" and sample.labels["page"].startswith("api.")
    ]
    assert api == ["api.documents"]
    assert b"0198c1d2" not in generate_latest(desk.app[METRICS].registry)


async def test_a_redirect_is_no_fault(desk: Desk) -> None:
    await desk.get("/sent")
    assert value_of(desk, "docaxis_web_requests_total", page="sent", status="3xx") == 1


async def test_a_stream_is_counted_while_it_is_open_and_not_timed(desk: Desk) -> None:
    await desk.sign_in("clerk", "H41")
    answer = await desk.client.get("/changes")
    assert await answer.content.readline()
    assert value_of(desk, "docaxis_web_streams_open") == 1
    assert value_of(desk, "docaxis_web_requests_total", page="changes", status="2xx") is None
    answer.close()
    for _ in range(200):
        await desk.get("/help")
        if value_of(desk, "docaxis_web_streams_open") == 0:
            break
    assert value_of(desk, "docaxis_web_streams_open") == 0
    assert value_of(desk, "docaxis_web_request_duration_seconds_count", page="changes") is None


async def test_failed_tries_are_counted_by_way_and_stopped_ones_apart(desk: Desk) -> None:
    assert value_of(desk, "docaxis_web_sign_in_failures_total", way="passkey") == 0
    for _ in range(7):
        page = (await desk.get("/sign-in")).text
        token = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
        await desk.post("/sign-in", {"csrf": token, "login": "van-thu", "password": "khong dung mat khau"})
    await desk.get("/sign-in/link/khong-co")
    assert value_of(desk, "docaxis_web_sign_in_failures_total", way="password") == 5
    assert value_of(desk, "docaxis_web_sign_in_stopped_total") == 2
    assert value_of(desk, "docaxis_web_sign_in_failures_total", way="link") == 1
