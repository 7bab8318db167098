"""What the blob API asks of the store: whose token this is, and who may read what."""

from docaxis.backends.blob_rights import may_read_blob, register_upload
from docaxis.backends.database import Database
from docaxis.backends.registry import Registry


class BlobAccess:
    """Answers for `api.blobs`."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    async def endpoint_of_token(self, token_sha256: str) -> str | None:
        """Return the endpoint that a token belongs to."""
        return await self._registry.endpoint_of_token(token_sha256)

    async def may_read_blob(self, endpoint: str, digest: str) -> bool:
        """Whether the octets were sent by the endpoint, or delivered to it."""
        return await may_read_blob(self._database, endpoint, digest)

    async def register_blob(self, endpoint: str, digest: str, size_bytes: int) -> None:
        """Note that the octets are there, and who brought them."""
        await register_upload(self._database, endpoint, digest, size_bytes)
