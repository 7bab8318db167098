"""F4: a cluster of three nodes: the leader is killed, cut off from the others, and all three are cut off from each other."""

import asyncio

import pytest

from adapters.connection import BrokerUnavailableError, connected
from adapters.settings import BrokerSettings
from docaxis.domain import wire
from tests.cluster import NODES, Cluster, ClusterNode
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

ROUNDS_MOST = 3
CALM_S, PARTED_S, BACK_S = 3.0, 8.0, 180.0
INGRESS = f"/api/queues/{{vhost}}/{wire.ingress_queue('normal')}"


async def strike(stage: Stage) -> None:
    """Take the node that leads the hub's queue away in three ways, under load, and let it come back each time."""
    cluster = stage.places.cluster
    assert cluster
    (hub,) = stage.hubs.running
    queues = await stage.management("GET", "/api/queues/{vhost}")
    assert queues
    assert all(len(queue["members"]) == NODES for queue in queues), "a queue has not its copies on all nodes"
    for _ in range(min(stage.scale, ROUNDS_MOST)):
        async with stage.under_load(per_s=10):
            await asyncio.sleep(CALM_S)
            leader = await _leader(stage, cluster)
            await asyncio.to_thread(leader.kill)
            await stage.consumed(BACK_S)
            stage.book.count("leaders killed")
            await _whole_again(stage, cluster)

            leader = await _leader(stage, cluster)
            await asyncio.to_thread(cluster.cut_off, leader)
            await _serves_nobody(stage, leader)
            await asyncio.sleep(PARTED_S)
            await stage.consumed(BACK_S)
            stage.book.count("partitions 1 + 2")
            await _whole_again(stage, cluster)

            for node in cluster.nodes:
                await asyncio.to_thread(cluster.cut_off, node)
            await stage.hubs.is_unready(hub, "broker")
            await asyncio.sleep(PARTED_S)
            stage.book.count("partitions 1 + 1 + 1")
            await _whole_again(stage, cluster)


async def _leader(stage: Stage, cluster: Cluster) -> ClusterNode:
    """Return the node that leads the queue of normal packages."""

    async def name() -> str:
        return str((await stage.management("GET", INGRESS)).get("leader") or "")

    leader = await eventually("a leader", name)
    return next(node for node in cluster.nodes if node.node_name == leader)


async def _serves_nobody(stage: Stage, node: ClusterNode) -> None:
    """The smaller side takes nothing that it could not keep: clients are turned away."""
    vhost = stage.ground.broker_url.rpartition("/")[2]

    async def turned_away() -> bool:
        try:
            async with connected(BrokerSettings(node.amqp_url_of(vhost)), "test"):
                return False
        except BrokerUnavailableError:
            return True

    await eventually("the minority turns clients away", turned_away)
    with pytest.raises(OSError, match="refused"):
        await asyncio.to_thread(node.management, "GET", "/api/whoami")


async def _whole_again(stage: Stage, cluster: Cluster) -> None:
    await asyncio.to_thread(cluster.heal)
    await stage.consumed(BACK_S)

    async def all_online() -> bool:
        return len((await stage.management("GET", INGRESS)).get("online", ())) == NODES

    await eventually("all members online", all_online, BACK_S)


SCENARIO = Scenario(
    title="a cluster's leader killed, cut off, and every node alone",
    faults=("F4",),
    strike=strike,
    cluster=True,
    breaks_broker=True,
    long_only=True,
    patience_s=240,
    sections={"broker": {"heartbeat_s": 2, "publish_timeout_s": 3}},
)
