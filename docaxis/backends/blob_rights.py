"""Who may read which octets of the blob store: who brought them, sent them, or was sent them."""

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.tables import attachments, deliveries, documents, packages, uploads
from docaxis.hub.rows import PackageRow


async def register_upload(database: Database, endpoint: str, digest: str, size_bytes: int) -> None:
    """Note that the blob store holds these octets durably, and which endpoint brought them; repeats change nothing."""

    async def work(connection: AsyncConnection) -> None:
        await database.begin(connection)
        await database.bulk.insert_new(connection, packages, [PackageRow(digest, size_bytes, None)])
        await database.bulk.insert_new(connection, uploads, [(digest, endpoint)])

    await database.run(work)


async def may_read_blob(database: Database, endpoint: str, digest: str) -> bool:
    """Tell whether the endpoint brought the octets, or sent or was sent a document of which they are a part."""

    async def work(connection: AsyncConnection) -> bool:
        return bool((await connection.execute(_MAY_READ, {"endpoint": endpoint, "digest": digest})).scalar_one())

    return await database.run(work)


def readable(endpoint: ColumnElement[str], digest: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that the endpoint may read the octets: a package, an attachment or a long delivery note."""
    brought = exists().where(uploads.c.digest == digest, uploads.c.endpoint == endpoint)
    own = documents.alias("own")
    package_sent = exists().where(own.c.digest == digest, own.c.endpoint == endpoint)
    package_delivered = exists().where(
        own.c.digest == digest, deliveries.c.document_key == own.c.document_key, _delivered_to(endpoint)
    )
    part_sent = exists().where(
        attachments.c.digest == digest, own.c.document_key == attachments.c.document_key, own.c.endpoint == endpoint
    )
    part_delivered = exists().where(
        attachments.c.digest == digest, deliveries.c.document_key == attachments.c.document_key, _delivered_to(endpoint)
    )
    return or_(brought, package_sent, package_delivered, part_sent, part_delivered)


def _delivered_to(endpoint: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(deliveries.c.endpoint == endpoint, deliveries.c.state == "dispatched")


_MAY_READ = select(readable(bindparam("endpoint"), bindparam("digest")))
