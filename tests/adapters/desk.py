"""An agency's desk in a temporary folder: keys, endpoint.toml, and the folder program as a real process."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.sender_key import SenderKey
from docaxis.domain.envelope import Attachment, Code, Envelope, MessageHeader, Organization, OtherInfo, Priority
from docaxis.edxml.writer import write_envelope
from tests.adapters.blob_shelf import BEARER
from tests.adapters.self_signed import self_signed
from tests.adapters.standin import ENDPOINT, ORGAN, QUEUE_TOKEN, StandInHub
from tests.faults.nursery import nursery
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
DRAFT = """
to = ["000.00.00.G01"]
number = "12"
notation = "SYT-VP"
subject = "Báo cáo tháng 11"
type_name = "Báo cáo"
files = ["báo cáo.pdf"]
"""


def sender_key() -> SenderKey:
    """A key of the agency's own."""
    key, certificate = self_signed("Sở Y tế")
    return SenderKey(ORGAN, key, (certificate,))


def write_key(folder: Path) -> tuple[Path, Path]:
    """Write a key and its certificate as PEM files."""
    key = sender_key()
    files = folder / "key.pem", folder / "certificate.pem"
    files[0].write_bytes(key.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files[1].write_bytes(key.chain[0].public_bytes(Encoding.PEM))
    return files


def package(*attachments: Attachment, subject: str = "Về việc họp", number: str = "7816", priority: int = 0) -> bytes:
    """An unsigned package."""
    header = MessageHeader(
        Organization(ORGAN, "Sở Y tế"),
        (Organization("000.00.00.G01", "Văn phòng Chính phủ"),),
        f"{ORGAN},2026/11/22,{number}/SYT",
        subject,
        Code(number, "SYT"),
        other_info=OtherInfo(Priority(priority)),
    )
    files = attachments or (Attachment("a1", "tệp.pdf", "application/pdf", content=b"%PDF-1.7\n%%EOF\n"),)
    return write_envelope(Envelope(header, attachments=files))


def signed(unsigned: bytes, key: SenderKey | None = None) -> bytes:
    """The same under profile docaxis-1."""
    result = (key or sender_key()).sign(unsigned)
    assert isinstance(result, bytes), result
    return result


@dataclass
class Desk:
    """One agency's computer."""

    root: Path
    hub: StandInHub

    @property
    def folder(self) -> Path:
        return self.root / "liên thông"

    @property
    def settings_file(self) -> Path:
        return self.root / "endpoint.toml"

    def set_up(self) -> None:
        """Write keys and endpoint.toml."""
        write_key(self.root)
        (self.root / "hub.pem").write_bytes(self.hub.seal.certificate.public_bytes(Encoding.PEM))
        (self.root / "token").write_text(BEARER + "\n")
        scheme, rest = self.hub.amqp_url.split("://")
        login, place = rest.rsplit("@", 1)
        user, password = login.split(":")
        (self.root / "password").write_text(password + "\n")
        self.settings_file.write_text(f"""
[endpoint]
id = "{ENDPOINT}"
queue_token = "{QUEUE_TOKEN}"
[broker]
url = "{scheme}://{user}@{place}"
password_file = "password"
[hub]
url = "{self.hub.url}/"
token_file = "token"
certificate_file = "hub.pem"
inline_limit_bytes = 20000
[signing]
organ_id = "{ORGAN}"
key_file = "key.pem"
certificate_file = "certificate.pem"
[state]
dir = "state"
""")
        for name in ("outbox", "inbox"):
            (self.folder / name).mkdir(parents=True)

    def put(self, name: str, content: bytes | str) -> None:
        """Put a file into the outbox as a careful program does: whole under a temporary name, then renamed."""
        file = self.folder / "outbox" / f"{name}.tmp"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        file.rename(self.folder / "outbox" / name)

    def names(self, folder: str) -> list[str]:
        """What lies in one of the folders, hidden things apart."""
        place = self.folder / folder
        return sorted(one.name for one in place.iterdir() if not one.name.startswith(".")) if place.exists() else []

    async def once(self, failpoint: str = "", patience_s: float = PATIENCE_S) -> int:
        """Run `python -m adapters.folder --once` and return its exit code."""
        argv = ["adapters.folder", *self._words("--once", "--patience", str(patience_s))]
        environment = {**os.environ, "DOCAXIS_FAILPOINT": failpoint}
        log = self.root / "folder.log"
        program = await asyncio.to_thread(nursery().run, "adapters.folder", argv, environment, log)
        try:
            return await asyncio.to_thread(program.wait, 2 * PATIENCE_S)
        finally:
            program.kill()
            print(log.read_text(encoding="utf-8"), file=sys.stderr)

    async def start(self) -> asyncio.subprocess.Process:
        """Start the program for good, as everybody does."""
        return await asyncio.create_subprocess_exec(sys.executable, "-m", "adapters.folder", *self._words(), cwd=ROOT)

    def _words(self, *options: str) -> list[str]:
        return ["--settings", str(self.settings_file), str(self.folder), *options]


KILLED = -signal.SIGKILL
