"""The directory as it is kept: what goes in comes out, and every change is seen by its version."""

import asyncio
from datetime import date

import pytest

from docaxis.backends.database import Database
from docaxis.backends.registry import Registry, sha256_of
from docaxis.domain.organ import Agency
from docaxis.hub.ports import StoreRefused
from tests.integration.store_rows import NOW

AGENCY = Agency(
    "H41.02", "Sở Nội vụ", "provincial", "government", "H41", ("000.02.00.H41",), date(2025, 7, 1), None, ("H42.02",)
)


@pytest.fixture
def registry(database: Database) -> Registry:
    return Registry(database.engine)


async def test_agencies_come_back_and_are_replaced_by_code(registry: Registry) -> None:
    others = [Agency(f"K{i:05}", f"Xã {i}", "communal") for i in range(3000)]
    assert await registry.import_agencies([AGENCY, *others]) == 3001
    assert (await registry.agencies())[0] == AGENCY
    closed = Agency("H41.02", "Sở Nội vụ", "provincial", valid_to=date(2026, 1, 1), statistical_code="12")
    assert await registry.import_agencies([closed]) == 1
    agencies = await registry.agencies()
    assert agencies[0] == closed
    assert len(agencies) == 3001


async def test_every_change_moves_the_version_on(registry: Registry) -> None:
    versions = [await registry.directory_version()]
    await registry.import_agencies([AGENCY])
    versions.append(await registry.directory_version())
    await registry.add_endpoint("north", "Tỉnh", NOW)
    versions.append(await registry.directory_version())
    await registry.connect("north", ["H41.02"])
    versions.append(await registry.directory_version())
    await registry.bind_signer("sha256:aa", ["H41.02"])
    versions.append(await registry.directory_version())
    await registry.disable_endpoint("north", NOW)
    versions.append(await registry.directory_version())
    assert versions == [0, 1, 2, 3, 4, 5]
    await asyncio.gather(*(registry.bind_signer(f"sha256:{i}", []) for i in range(5)))
    assert await registry.directory_version() == 10


async def test_a_token_is_shown_once_and_known_by_its_digest(registry: Registry) -> None:
    token = await registry.add_endpoint("north", "Tỉnh", NOW)
    assert await registry.endpoint_of_token(sha256_of(token)) == "north"
    assert await registry.endpoint_of_token(sha256_of("guess")) is None
    with pytest.raises(ValueError, match="north"):
        await registry.add_endpoint("north", "Another", NOW)
    (endpoint,) = await registry.endpoints()
    assert (endpoint.name, endpoint.broker_user, endpoint.created_at) == ("Tỉnh", "north", NOW)
    assert len(bytes.fromhex(endpoint.queue_token)) == 16
    assert token not in repr(endpoint)
    new = await registry.renew_token("north")
    assert await registry.endpoint_of_token(sha256_of(token)) is None
    assert await registry.endpoint_of_token(sha256_of(new)) == "north"
    await registry.disable_endpoint("north", NOW)
    assert await registry.endpoint_of_token(sha256_of(new)) is None
    assert await registry.endpoint("south") is None
    with pytest.raises(KeyError):
        await registry.renew_token("south")


async def test_connections_move_and_end(registry: Registry) -> None:
    for name in ("north", "south"):
        await registry.add_endpoint(name, name, NOW)
    await registry.connect("north", ["H41", "H42"])
    await registry.connect("south", ["H42", "H43"])
    assert await registry.connections() == {"H41": "north", "H42": "south", "H43": "south"}
    await registry.disconnect(["H43"])
    await registry.disable_endpoint("north", NOW)
    assert await registry.connections() == {"H42": "south"}
    await registry.disable_endpoint("north", None)
    assert await registry.connections() == {"H41": "north", "H42": "south"}
    with pytest.raises(StoreRefused):
        await registry.connect("nobody", ["H44"])


async def test_a_binding_to_nobody_shuts_a_signer_out(registry: Registry) -> None:
    await registry.bind_signer("sha256:aa", ["H41", "H42"])
    await registry.bind_signer("sha256:bb", [])
    assert await registry.signer_bindings() == {"sha256:aa": frozenset({"H41", "H42"}), "sha256:bb": frozenset()}
    await registry.bind_signer("sha256:aa", ["H43"])
    await registry.unbind_signer("sha256:bb")
    assert await registry.signer_bindings() == {"sha256:aa": frozenset({"H43"})}
