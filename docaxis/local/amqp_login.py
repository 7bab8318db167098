"""The first steps of AMQP 0-9-1, enough to know that a broker takes a login, with no library."""

import socket
import struct
from typing import BinaryIO, cast

_CONNECTION_START_OK, _CONNECTION_TUNE = (10, 11), (10, 30)


def amqp_login_works(port: int, user: str, password: str) -> bool:
    """Say whether AMQP on this loopback port takes the login, up to Connection.Tune; raises `OSError`."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection, connection.makefile("rwb") as raw:
        stream = cast(BinaryIO, raw)
        stream.write(b"AMQP\x00\x00\x09\x01")
        stream.flush()
        _read_method(stream)  # Connection.Start
        response = f"\0{user}\0{password}".encode()
        arguments = struct.pack(">I", 0) + b"\x05PLAIN" + struct.pack(">I", len(response)) + response + b"\x05en_US"
        payload = struct.pack(">HH", *_CONNECTION_START_OK) + arguments
        stream.write(struct.pack(">BHI", 1, 0, len(payload)) + payload + b"\xce")
        stream.flush()
        try:
            return _read_method(stream) == _CONNECTION_TUNE
        except ConnectionResetError:
            return False  # how RabbitMQ refuses a login of a client that does not ask for the reason


def _read_method(stream: BinaryIO) -> tuple[int, int]:
    head = stream.read(7)
    kind, _channel, size_bytes = struct.unpack(">BHI", head.ljust(7, b"\0"))
    payload = stream.read(size_bytes + 1)
    if len(head) < 7 or len(payload) < size_bytes + 1 or size_bytes < 4:  # noqa: PLR2004 - AMQP's frame header, ids
        raise ConnectionResetError
    class_id, method_id = struct.unpack(">HH", payload[:4])
    return (class_id, method_id) if kind == 1 else (0, 0)
