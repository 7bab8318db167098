import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aio_pika
import pytest
from aiormq.abc import FieldTable

from docaxis.local.amqp_login import amqp_login_works
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.local.service import ServiceError
from tests.services import DOWNLOADS, needed
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.broker

QUORUM: FieldTable = {"x-queue-type": "quorum"}


def scratch_folders() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("docaxis-*"))


async def put(url: str, queue: str, body: bytes) -> None:
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        await channel.declare_queue(queue, durable=True, arguments=QUORUM)
        await channel.default_exchange.publish(aio_pika.Message(body, delivery_mode=2), queue)


async def take(url: str, queue: str) -> bytes:
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        inbox = await channel.declare_queue(queue, durable=True, arguments=QUORUM)
        message = await inbox.get(timeout=PATIENCE_S)
        assert message is not None
        await message.ack()
        return bytes(message.body)


def processes_about(text: str) -> list[str]:
    """Give the command lines of living processes that name `text`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in line and int(entry.name) != os.getpid():
            found.append(line)
    return found


async def test_a_vhost_takes_and_gives_a_message(vhost: str):
    await put(vhost, "inbox", "công văn".encode())

    assert await take(vhost, "inbox") == "công văn".encode()


def test_a_wrong_password_is_refused(rabbitmq: PrivateRabbitMQ):
    assert amqp_login_works(rabbitmq.amqp_port, rabbitmq.user, rabbitmq.password)
    assert not amqp_login_works(rabbitmq.amqp_port, rabbitmq.user, "wrong")


def test_it_listens_on_loopback_only(rabbitmq: PrivateRabbitMQ):
    ports = {f"{port:04X}" for port in rabbitmq._all_ports()}
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            address, port = line.split()[1].rsplit(":", 1)
            if line.split()[3] == "0A" and port in ports:
                listening.add((address, port))

    assert {port for _, port in listening} == ports
    assert {address for address, _ in listening} <= {"0100007F", "00000000000000000000000001000000"}  # 127.0.0.1, ::1


@pytest.mark.slow
async def test_sigkill_loses_nothing_and_leaves_nothing_in_a_path_with_space_and_diacritics(tmp_path: Path):
    folder = tmp_path / "trục văn bản"
    node = PrivateRabbitMQ(folder, downloads=DOWNLOADS)
    needed("RabbitMQ", node.start)
    try:
        scratch = (folder / "scratch").read_text().strip()
        url, password = node.amqp_url, node.password
        await put(url, "inbox", b"kept")
        await asyncio.sleep(1.5)  # RabbitMQ 3.10 saves its directory of quorum queues every half second
        node.kill()
        assert processes_about(scratch) == []

        node.start()
        assert (node.amqp_url, node.password) == (url, password)
        assert await take(url, "inbox") == b"kept"
        assert (folder / "password").stat().st_mode & 0o777 == 0o600
        with pytest.raises(ServiceError, match="in use"):
            _start_second(folder)
    finally:
        node.stop()
    assert processes_about(scratch) == []
    assert scratch not in {str(left) for left in scratch_folders()}


def _start_second(folder: Path) -> None:
    from docaxis.local import service

    patience, service._LOCK_PATIENCE_S = service._LOCK_PATIENCE_S, 0.3
    try:
        service.Service(folder).start(
            ["true"], {}, console=folder / "second.log", stop_signal=signal.SIGTERM, stop_after_s=1
        )
    finally:
        service._LOCK_PATIENCE_S = patience


@pytest.mark.slow
def test_kill_nine_of_the_parent_leaves_nothing(tmp_path: Path, rabbitmq: PrivateRabbitMQ):
    program = (
        "import sys, time; from pathlib import Path; from docaxis.local.rabbitmq import PrivateRabbitMQ\n"
        "node = PrivateRabbitMQ(Path(sys.argv[1]), downloads=Path(sys.argv[2]))\n"
        "node.start(); print('up', flush=True); time.sleep(60)"
    )
    folder = tmp_path / "node"
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(folder), str(DOWNLOADS)], stdout=subprocess.PIPE, start_new_session=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    scratch = (folder / "scratch").read_text().strip()
    assert len(processes_about(scratch)) >= 3

    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + PATIENCE_S
    while processes_about(scratch) and time.monotonic() < until:
        time.sleep(0.1)
    assert processes_about(scratch) == []
