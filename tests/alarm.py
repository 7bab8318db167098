"""An alarm of a private RabbitMQ's memory or disk, raised and taken back while it runs: it reads nothing from publishers."""

from collections.abc import Iterator
from contextlib import contextmanager

from docaxis.local.rabbitmq import PrivateRabbitMQ

USUAL_SHARE = 0.4
USUAL_FREE_BYTES = 50_000_000
MORE_THAN_ANY_DISK_BYTES = 10**18


@contextmanager
def memory_alarm(node: PrivateRabbitMQ) -> Iterator[None]:
    """Let the node believe for the length of the block that it has used up its memory."""
    node.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(0.00001)")
    try:
        yield
    finally:
        node.evaluate(f"vm_memory_monitor:set_vm_memory_high_watermark({USUAL_SHARE})")


@contextmanager
def disk_alarm(node: PrivateRabbitMQ) -> Iterator[None]:
    """Let the node believe for the length of the block that its disk is nearly full."""
    node.evaluate(f"rabbit_disk_monitor:set_disk_free_limit({MORE_THAN_ANY_DISK_BYTES})")
    try:
        yield
    finally:
        node.evaluate(f"rabbit_disk_monitor:set_disk_free_limit({USUAL_FREE_BYTES})")
