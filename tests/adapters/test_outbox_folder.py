from datetime import date
from pathlib import Path

import pytest

from adapters.draft import envelope_of, read_draft
from adapters.draft_values import DraftError
from adapters.job import read_jobs
from adapters.outbox_folder import OutboxFolder
from adapters.planning import plan_draft, plan_package
from docaxis.domain.envelope import Priority
from tests.adapters.desk import DRAFT, package, sender_key, signed

PDF = b"%PDF-1.7\n%%EOF\n"


class Place:
    """An outbox with a clock of its own."""

    def __init__(self, root: Path) -> None:
        self.now = 1000.0
        self.outbox, self.sending = root / "outbox", root / "sending"
        for folder in (self.outbox, self.sending):
            folder.mkdir()
        self.folder = self.again()

    def again(self) -> OutboxFolder:
        return OutboxFolder(self.outbox, self.sending, sender_key(), 1.0, lambda: self.now)

    def take(self, after_s: float = 0.0) -> list[str]:
        self.now += after_s
        return [job.folder.name for job in self.folder.take()]

    def put(self, name: str, content: bytes) -> Path:
        (self.outbox / name).write_bytes(content)
        return self.outbox / name


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_file_is_taken_once_it_has_been_quiet(place: Place):
    place.put("a.edxml", signed(package()))
    assert place.take() == []
    assert place.take(0.5) == []
    assert place.take(0.6) == ["a"]
    assert place.take(5) == []


def test_a_growing_file_is_left_alone_however_old_its_time_stamp(place: Place):
    body = signed(package())
    for end in range(100, len(body), len(body) // 5):
        place.put("a.edxml", body[:end])
        assert place.take(1.5) == []
    place.put("a.edxml", body)
    assert place.take(1.5) == []
    assert place.take(1.5) == ["a"]


def test_a_half_file_that_stays_half_is_refused_in_the_end(place: Place):
    place.put("a.edxml", signed(package())[:-200])
    assert place.take() == []
    assert place.take(5) == []
    assert place.take(6) == ["a"]
    [job] = read_jobs(place.sending)
    assert job.plan.refusal
    assert job.plan.refusal.code == "PKG.NOT_WELL_FORMED"


def test_temporary_and_hidden_names_and_links_are_never_taken(place: Place, tmp_path: Path):
    secret = tmp_path / "secret.edxml"
    secret.write_bytes(signed(package()))
    (place.outbox / "link.edxml").symlink_to(secret)
    (place.outbox / "folder.edxml").mkdir()
    for name in (".a.edxml", "~$a.edxml", "a.edxml.part", "a.edxml~", "a.edxml.TMP", "b.pdf"):
        place.put(name, signed(package()))
    place.take()
    assert place.take(100) == []


def test_a_toml_waits_for_its_files(place: Place):
    place.put("d.toml", DRAFT.encode())
    place.take()
    assert place.take(30) == []
    place.put("báo cáo.pdf", PDF)
    assert place.take(0.1) == []
    assert place.take(1.1) == ["d"]
    assert sorted(one.name for one in (place.sending / "d").iterdir()) == [
        ".job.json",
        "báo cáo.pdf",
        "d.edxml",
        "d.toml",
    ]


def test_a_toml_whose_files_never_come_is_refused(place: Place):
    place.put("d.toml", DRAFT.encode())
    place.take()
    assert place.take(61) == ["d"]
    refusal = read_jobs(place.sending)[0].plan.refusal
    assert refusal
    assert "báo cáo.pdf" in refusal.vi


def test_a_link_in_a_draft_is_no_way_to_other_files(place: Place, tmp_path: Path):
    (tmp_path / "secret").write_text("secret")
    (place.outbox / "báo cáo.pdf").symlink_to(tmp_path / "secret")
    plan = plan_draft(place.put("d.toml", DRAFT.encode()), sender_key(), date(2026, 11, 22))
    assert plan.refusal
    assert not plan.package


def test_the_same_name_again_is_another_job(place: Place):
    for _ in range(2):
        place.put("a.edxml", signed(package()))
        place.take()
        place.take(2)
    assert [job.folder.name for job in read_jobs(place.sending)] == ["a", "a (2)"]
    assert len({job.plan.message_id for job in read_jobs(place.sending)}) == 2


def test_a_death_before_the_sources_were_moved_is_mended_and_a_changed_file_is_a_new_one(place: Place, monkeypatch):
    monkeypatch.setattr("adapters.outbox_folder.adopt_sources", lambda *_: None)
    place.put("a.edxml", signed(package()))
    file = place.put("b.edxml", signed(package()))
    place.take()
    assert place.take(2) == ["a", "b"]
    monkeypatch.undo()
    file.write_bytes(signed(package(subject="khác")))
    place.folder = place.again()
    place.folder.recover()
    assert [one.name for one in place.outbox.iterdir()] == ["b.edxml"]
    place.take()
    assert place.take(2) == ["b (2)"]


def test_without_a_key_a_signed_package_goes_and_an_unsigned_one_is_refused(tmp_path: Path):
    (tmp_path / "a.edxml").write_bytes(signed(package()))
    (tmp_path / "b.edxml").write_bytes(package())
    assert plan_package(tmp_path / "a.edxml", None).package
    refusal = plan_package(tmp_path / "b.edxml", None).refusal
    assert refusal
    assert "[signing]" in refusal.vi


def test_many_files_that_do_not_fit_together_go_partly_by_reference(tmp_path: Path):
    names = [f"{number}.bin" for number in range(5)]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(b"x" * (5_000_000 + number))
    text = DRAFT.replace('["báo cáo.pdf"]', str(names).replace("'", '"'))
    (tmp_path / "d.toml").write_text(text)
    plan = plan_draft(tmp_path / "d.toml", sender_key(), date(2026, 11, 22))
    assert plan.refusal is None
    assert [blob.kept_as for blob in plan.blobs] == ["4.bin", "3.bin"] or len(plan.blobs) == 2


def test_priorities_by_name_and_number():
    draft = read_draft((DRAFT + 'priority = "Thượng khẩn"').encode())
    assert draft.priority is Priority.VERY_URGENT
    assert read_draft((DRAFT + "priority = 4").encode()).priority is Priority.IMMEDIATE_TIMED


def test_without_a_number_the_document_id_is_unique():
    draft = read_draft(DRAFT.replace('number = "12"', "").encode())
    assert envelope_of(draft, (), "000.00.15.H01", date(2026, 11, 22), "u-1").header.document_id == "u-1"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("date = '2026-11-22'", "date"),
        ("priority = true", "priority"),
        ("content = ['x']", "content"),
        ("file = 'x'", "file"),
        ("x", "TOML"),
    ],
)
def test_the_key_at_fault_is_named(change: str, key: str):
    with pytest.raises(DraftError) as caught:
        read_draft((DRAFT + change).encode())
    assert caught.value.key == key
