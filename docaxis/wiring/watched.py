"""Where the metrics are read from that the parts of a hub process keep by themselves."""

from collections.abc import Callable
from math import nan
from pathlib import Path

from docaxis.backends.blobs import file_system_of
from docaxis.backends.consume import Consumer
from docaxis.backends.database import Database
from docaxis.backends.publish import Publisher
from docaxis.backends.world import World
from docaxis.trust.seal import Seal

Readers = dict[str, Callable[[], float]]


def of_broker(ingress: Consumer, fetched: Consumer, publisher: Publisher) -> Readers:
    """Return what the links to the broker tell."""
    return {
        "docaxis_broker_connected": lambda: ingress.connected,
        "docaxis_broker_blocked": lambda: publisher.blocked,
        "docaxis_ingress_ready": lambda: ingress.ready + fetched.ready,
        "docaxis_broker_connections": lambda: ingress.connections + fetched.connections + publisher.connections,
        "docaxis_redeliveries": lambda: ingress.redelivered + fetched.redelivered,
    }


def of_database(database: Database) -> Readers:
    """Return what the database's transactions tell."""
    return {"docaxis_store_unavailable": lambda: database.unavailable}


def of_world(world: World) -> Readers:
    """Return how fresh the snapshot is, and what its trust folders lack."""

    def next_update_s() -> float:
        at = world.snapshot.trust.next_update_at
        return at.timestamp() if at else nan

    return {
        "docaxis_snapshot_age_seconds": lambda: world.age_s,
        "docaxis_trust_problems": lambda: len(world.snapshot.trust.problems),
        "docaxis_crl_next_update_timestamp_seconds": next_update_s,
    }


def of_seal(seal: Seal) -> Readers:
    """Return until when the seal's certificate holds."""
    return {"docaxis_seal_not_after_timestamp_seconds": seal.certificate.not_valid_after_utc.timestamp}


def of_folder(folder: Path) -> Readers:
    """Return how much room the file system of the blobs has for us, whether the folder is there yet or not."""

    def available_bytes() -> float:
        room = file_system_of(folder)
        return room.f_bavail * room.f_frsize

    def available_inodes() -> float:
        room = file_system_of(folder)
        # Some file systems make inodes as they go, and count none.
        return room.f_favail if room.f_files else nan

    return {"docaxis_state_available_bytes": available_bytes, "docaxis_state_available_inodes": available_inodes}
