"""What the bench computes from what it saw: ratios, the limit, ranges, frames, shares, the words of its command line."""

import cProfile
import json
from pathlib import Path

import pytest

from docaxis.domain import wire
from tests.bench import frames
from tests.bench.latency import percentile
from tests.bench.plan import NATIONAL_DAY, STATUSES_DOCUMENTS, read_arguments
from tests.bench.rounds import Case, limit, ratios, with_cores
from tests.bench.shares import PARTS, shares
from tests.bench.signed_file import SignedFile, joined
from tests.bench.speed import Speed
from tests.bench.statuses import CODES, number_of, said_at
from tests.bench.traffic import count, fetched_frames, merged, package_frames, split
from tests.bench.variants import DOCAXIS, FLOOR, PLAIN, Variant


def speed(rate: float, hub: float, broker: float | None = 0.0) -> Speed:
    return Speed(100, 100 / rate, hub, broker, 0.0, {}, 0.0, 0.0, 0.0, [], 0.0)


def case(variant: Variant, *runs: Speed, agencies: int = 0) -> Case:
    return Case(variant, 100, agencies, list(runs))


def test_ratios_are_medians_of_what_neighbours_did():
    two = case(Variant(DOCAXIS, 2), speed(500, 1000), speed(100, 1000), speed(600, 1000))
    plain = case(Variant(PLAIN), speed(100, 5000), speed(20, 5000), speed(100, 5000))
    floor = case(Variant(FLOOR), speed(900, 600, 400), speed(200, 600, 400), speed(900, 600, 400))
    found = ratios([two, plain, floor], cores=2)
    assert limit(floor.runs[0], 2) == 2000
    assert found == {
        "docaxis_2_to_plain": pytest.approx(5), "docaxis_2_to_limit": pytest.approx(0.25),
        "plain_to_limit": pytest.approx(0.05), "docaxis_2_to_limit_by_cpu": pytest.approx(1),
        "plain_to_limit_by_cpu": pytest.approx(0.2),
    }  # fmt: skip


def test_without_the_brokers_cpu_there_is_no_limit():
    floor = case(Variant(FLOOR), speed(900, 600, None))
    assert ratios([case(Variant(DOCAXIS), speed(500, 1000)), floor], cores=2) == {}
    assert limit(floor.runs[0], 2) is None


def test_a_large_directory_is_compared_with_the_small_one():
    small, large = case(Variant(DOCAXIS), speed(400, 1)), case(Variant(DOCAXIS), speed(380, 1), agencies=9)
    assert ratios([small, large], cores=2) == {"docaxis_1_of_9_agencies_to_docaxis_1": pytest.approx(0.95)}


def test_one_process_gains_nothing_from_a_core_that_it_cannot_use():
    # 1,000 µs in the hub and as much elsewhere: one process is at its end with two cores, two are with four.
    assert with_cores(case(Variant(DOCAXIS, 1), speed(1000, 1000, 1000)), 2, 3) == pytest.approx(1000)
    assert with_cores(case(Variant(DOCAXIS, 2), speed(800, 1000, 1000)), 2, 3) == pytest.approx(1200)
    assert with_cores(case(Variant(DOCAXIS, 2), speed(800, 1000, None)), 2, 3) is None


def test_ranges():
    assert merged([(5, 6), (1, 3), (4, 4), (9, 9)]) == [(1, 6), (9, 9)]
    assert split([(1, 3), (7, 12)], 5) == ([(1, 3), (7, 8)], [(9, 12)])
    assert split([(1, 3)], 3) == ([(1, 3)], [])
    assert count([(1, 3), (7, 7)]) == 4


def test_percentiles_are_nearest_ranks():
    assert percentile([0.001 * n for n in range(1, 101)], 99) == pytest.approx(99)
    assert percentile([0.002], 50) == 2


def test_frames_are_read_as_they_were_written():
    seen: list[frames.Delivery] = []
    link = frames.Link(seen.append, lambda: None)
    body = b"x" * 300_000
    deliver = frames.method(2, frames.DELIVER, frames.short("tag") + (7).to_bytes(8, "big") + b"\0" + b"\0" + b"\3e.n")
    sent = deliver + frames.content(2, 0b1001_0000_1010_0000, b"\1a\2\3m-1\7package", body)
    for at in range(0, len(sent), 50_001):
        link.data_received(sent[at : at + 50_001])
    assert [(one.channel, one.tag, one.key, one.body) for one in seen] == [(2, 7, b"e.n", body)]
    assert frames.message_id(seen[0].header) == b"m-1"


def test_confirms_are_counted_in_any_order():
    link = frames.Link(lambda _: None, lambda: None)
    link._open.extend(range(1, 7))
    for number, tag, many in ((frames.ACK, 3, 0), (frames.NACK, 2, 0), (frames.ACK, 4, 1), (frames.ACK, 6, 1)):
        link.data_received(frames.method(1, number, tag.to_bytes(8, "big") + bytes([many])))
    assert (link.confirmed, link.refused) == (5, 1)


def test_packages_and_acknowledgements_carry_their_routing_key():
    assert wire.routing_key("e-g22", "normal").encode() in package_frames("e-g22", "m-1", b"<x/>")
    octets = fetched_frames("e-h01", [(1, 3), (5, 5)])
    assert json.dumps({"normal": [[1, 3], [5, 5]]}, separators=(",", ":")).encode() in octets


def test_shares_charge_builtins_to_the_part_that_calls_them(tmp_path: Path):
    profile = cProfile.Profile()
    code = compile("def check():\n    return sorted(range(300_000, 0, -1))\n", "/x/docaxis/edxml/schema.py", "exec")
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - a function with a place of one's choice is what a profile is made of
    profile.runcall(names["check"])  # type: ignore[arg-type]
    profile.dump_stats(tmp_path / "prof")
    found = shares(tmp_path / "prof")
    assert set(found) == set(PARTS)
    assert found["schema"] > 0.9


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["--store", "sqlite", "--processes", "2"], "SQLite"),
        (["--national-day", "--only", "plain"], "docaxis alone"),
        (["--broker-url", "amqp://h"], "together"),
        (["--statuses", "--steady", "1"], "a run of its own"),
        (["--rounds", "0"], "above 0"),
        (["--documents", "-1"], "above 0"),
    ],
)
def test_what_cannot_be_had_together_is_refused(words: list[str], wrong: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        read_arguments(words)
    assert wrong in capsys.readouterr().err


def test_statuses_are_numbered_by_document_code_and_addressee():
    for addressees in (1, 8):
        places = [said_at(place, addressees) for place in range(3 * len(CODES) * addressees)]
        assert [number_of(one, addressees) for one in places] == list(range(len(places)))
        assert len({(one.message_id, one.organ_id) for one in places}) == len(places)
    assert said_at(0, 8).document == said_at(23, 8).document != said_at(24, 8).document


def test_signed_files_grow_and_a_torn_tail_is_cut_off(tmp_path: Path):
    file = SignedFile(tmp_path / "packages", tmp_path / "count")
    file.provide(3, numbered)
    with file.file.open("ab") as torn:
        torn.write(joined([b"half"])[:6])
    file.provide(5, numbered)
    assert list(file.read(1, 4)) == [b"2", b"3", b"4", b"5"]


def numbered(numbers: range) -> bytes:
    """Stand in for signing; by name, since it runs in another process."""
    return joined(str(number).encode() for number in numbers)


def test_what_is_asked_of_docaxis_alone():
    day, _ = read_arguments(["--national-day"])
    assert (day.documents, day.only, day.processes, day.rounds) == (NATIONAL_DAY, (DOCAXIS,), (2,), 1)
    mix, _ = read_arguments(["--statuses"])
    assert (mix.documents, mix.only, mix.processes, mix.latency) == (STATUSES_DOCUMENTS, (DOCAXIS,), (1,), False)
    assert read_arguments(["--statuses", "--quick"])[0].documents < STATUSES_DOCUMENTS
    steady, _ = read_arguments(["--steady", "10"])
    assert (steady.latency, steady.latency_s, steady.only) == (True, 600, (DOCAXIS,))
    assert read_arguments([])[0].processes == (1, 2)
