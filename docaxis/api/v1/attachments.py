"""Large attachments: uploads that may be interrupted (tus 1.0.0), and downloads of what one brought, sent or was sent."""

import secrets
from base64 import b64decode
from binascii import Error as Base64Error
from datetime import timedelta
from email.utils import format_datetime

from aiohttp import hdrs, web

from docaxis.api.octets import OCTETS
from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.operations import Content, Operation
from docaxis.api.v1.ports import PORTS
from docaxis.api.v1.problems import ApiProblem, ProblemCode, refused
from docaxis.api.v1.sending import send_stream
from docaxis.domain import wire
from docaxis.hub.views.machines import Checksum, PartialUpload, UploadBusy, UploadGone, UploadMismatch, UploadTooLong

VERSION = "1.0.0"
PART_TYPE = "application/offset+octet-stream"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = ("sha1", "sha256")
CHUNK_BYTES = 256 * 1024
_RESUMABLE = {"Tus-Resumable": VERSION}


async def tell_abilities(request: web.Request) -> web.StreamResponse:
    """Tell what of tus is spoken here."""
    bounds = request.app[PORTS].settings
    headers = {
        **_RESUMABLE, "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(bounds.blob_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS), hdrs.ALLOW: "OPTIONS, POST",
    }  # fmt: skip
    return web.Response(status=204, headers=headers)


async def create_upload(request: web.Request) -> web.StreamResponse:
    """Begin an upload; its first octets may come with this very request."""
    _check_version(request)
    ports = request.app[PORTS]
    length = _number(request, "Upload-Length")
    if length > ports.settings.blob_bytes:
        raise ApiProblem(ProblemCode.TOO_LARGE, f"at most {ports.settings.blob_bytes} bytes")
    if not length:
        raise refused("Upload-Length", "an attachment has at least one byte")
    now = ports.now()
    upload = PartialUpload(
        secrets.token_hex(16), request[CLIENT].endpoint, length, _digest(request), now,
        now + timedelta(hours=ports.settings.upload_hours),
    )  # fmt: skip
    await ports.uploads.create(upload)
    offset = 0
    if request.content_type == PART_TYPE and request.can_read_body:
        offset = await _append(request, upload)
    location = str(request.app.router["upload-offset"].url_for(upload_id=upload.upload_id))
    return web.Response(status=201, headers={hdrs.LOCATION: location, **_told(upload, offset)})


async def tell_offset(request: web.Request) -> web.StreamResponse:
    """Tell how far an upload has come."""
    _check_version(request)
    upload = await _found(request)
    headers = {**_told(upload, upload.offset_bytes), "Upload-Length": str(upload.length_bytes)}
    return web.Response(status=200, headers={hdrs.CACHE_CONTROL: "no-store", **headers})


async def append_part(request: web.Request) -> web.StreamResponse:
    """Add octets at the offset that the client names."""
    _check_version(request)
    if request.content_type != PART_TYPE:
        raise ApiProblem(ProblemCode.MEDIA_TYPE, PART_TYPE)
    upload = await _found(request)
    if _number(request, "Upload-Offset") != upload.offset_bytes:
        raise ApiProblem(ProblemCode.UPLOAD_CONFLICT, f"received so far: {upload.offset_bytes}")
    offset = await _append(request, upload)
    return web.Response(status=204, headers=_told(upload, offset))


async def end_upload(request: web.Request) -> web.StreamResponse:
    """Forget an upload."""
    _check_version(request)
    await request.app[PORTS].uploads.remove(await _found(request))
    return web.Response(status=204, headers=_RESUMABLE)


async def send_attachment(request: web.Request) -> web.StreamResponse:
    """Send octets by their digest, whole or a part."""
    digest, ports = request.match_info["digest"], request.app[PORTS]
    size_bytes = None
    if wire.DIGEST.fullmatch(digest):
        size_bytes = await ports.attachments.size_bytes(request[CLIENT].endpoint, digest)
    if size_bytes is None:
        raise ApiProblem(ProblemCode.NOT_FOUND)
    return await send_stream(
        request, lambda first, last: ports.attachments.read_stream(digest, first, last), size_bytes, digest
    )


async def _append(request: web.Request, upload: PartialUpload) -> int:
    uploads = request.app[PORTS].uploads
    try:
        offset = await uploads.append(upload, request.content.iter_chunked(CHUNK_BYTES), _checksum(request))
    except UploadBusy:
        raise ApiProblem(ProblemCode.UPLOAD_CONFLICT, "another request is writing, or has just written") from None
    except UploadGone:
        raise ApiProblem(ProblemCode.UPLOAD_GONE) from None
    except UploadTooLong:
        raise ApiProblem(ProblemCode.TOO_LARGE, "more octets than Upload-Length") from None
    except UploadMismatch:
        raise ApiProblem(ProblemCode.UPLOAD_CHECKSUM) from None
    if offset == upload.length_bytes and not await uploads.finish(upload):
        raise ApiProblem(ProblemCode.DIGEST_MISMATCH, "the upload is given up")
    return offset


def _checksum(request: web.Request) -> Checksum | None:
    """Return what a part is to be compared with (tus: `sha256 <base64>`); raises ApiProblem."""
    given = request.headers.get("Upload-Checksum")
    if given is None:
        return None
    algorithm, _, written = given.strip().partition(" ")
    try:
        digest = b64decode(written, validate=True)
    except (Base64Error, ValueError):
        digest = b""
    if algorithm not in ALGORITHMS or not digest:
        raise refused("Upload-Checksum", f"{' or '.join(ALGORITHMS)}, then the digest in Base64")
    return Checksum(algorithm, digest)


def _digest(request: web.Request) -> str:
    """Return the digest of the whole that the metadata tell; raises ApiProblem."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        name, _, written = pair.strip().partition(" ")
        if name == "digest":
            try:
                digest = b64decode(written, validate=True).decode("ascii")
            except (Base64Error, ValueError):
                break
            if wire.DIGEST.fullmatch(digest):
                return digest
    raise refused("Upload-Metadata", "digest, then sha256:<64 hexadecimal digits> of the whole in Base64")


async def _found(request: web.Request) -> PartialUpload:
    ports = request.app[PORTS]
    upload = await ports.uploads.find(request[CLIENT].endpoint, request.match_info["upload_id"], ports.now())
    if upload is None:
        raise ApiProblem(ProblemCode.UPLOAD_GONE)
    return upload


def _told(upload: PartialUpload, offset: int) -> dict[str, str]:
    expires = format_datetime(upload.ends_at, usegmt=True)
    return {**_RESUMABLE, "Upload-Offset": str(offset), "Upload-Expires": expires}


def _check_version(request: web.Request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        refused = ApiProblem(ProblemCode.UPLOAD_VERSION)
        refused.headers = {"Tus-Version": VERSION}
        raise refused


def _number(request: web.Request, name: str) -> int:
    given = request.headers.get(name, "")
    if not (given.isascii() and given.isdecimal() and len(given) < 19):  # noqa: PLR2004 - a BIGINT's digits
        raise refused(name, "a number of bytes")
    return int(given)


_TUS = {"Tus-Resumable": f"{VERSION} (needed)"}
_OFFSET = {
    "Tus-Resumable": VERSION,
    "Upload-Offset": "Bytes that have come so far",
    "Upload-Expires": "Until when it can be gone on with",
}
_BROKEN = (ProblemCode.UPLOAD_VERSION, ProblemCode.UPLOAD_GONE)
_PART = Content(PART_TYPE, "The octets from Upload-Offset on")
_PART_PROBLEMS = (
    ProblemCode.MEDIA_TYPE, ProblemCode.TOO_LARGE, ProblemCode.DIGEST_MISMATCH, ProblemCode.UPLOAD_CHECKSUM,
    ProblemCode.UPLOAD_CONFLICT,
)  # fmt: skip
_CHECKSUM = {
    "Upload-Checksum": "sha256 or sha1, then the Base64 of this part's digest: then all of it is kept, or nothing"
}
OPERATIONS = (
    Operation(
        "OPTIONS", "/attachments", "upload-abilities", "What of tus is spoken here", tell_abilities, status=204,
        is_open=True, headers={"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS}, tag="attachments",
    ),
    Operation(
        "POST", "/attachments", "upload-create", "Begin to upload an attachment (tus 1.0.0)", create_upload,
        status=201, problems=(*_BROKEN[:1], *_PART_PROBLEMS), headers={"Location": "The upload", **_OFFSET},
        request_headers={
            **_TUS, "Upload-Length": "Bytes of the whole (needed)",
            "Upload-Metadata": "digest and the Base64 of sha256:<hex> of the whole (needed)", **_CHECKSUM,
        },
        tag="attachments",
    ),
    Operation(
        "HEAD", "/attachments/uploads/{upload_id}", "upload-offset", "How far an upload has come", tell_offset,
        problems=_BROKEN, headers={**_OFFSET, "Upload-Length": "Bytes of the whole"}, request_headers=_TUS,
        tag="attachments",
    ),
    Operation(
        "PATCH", "/attachments/uploads/{upload_id}", "upload-part", "Go on with an upload", append_part, status=204,
        body=_PART, problems=(*_BROKEN, *_PART_PROBLEMS), headers=_OFFSET,
        request_headers={**_TUS, "Upload-Offset": "Where these octets belong (needed)", **_CHECKSUM},
        tag="attachments",
    ),
    Operation(
        "DELETE", "/attachments/uploads/{upload_id}", "upload-end", "Give an upload up", end_upload, status=204,
        problems=_BROKEN, headers=dict(list(_OFFSET.items())[:1]), request_headers=_TUS, tag="attachments",
    ),
    Operation(
        "GET", "/attachments/{digest}", "attachment", "Octets by their digest: what you brought, sent or were sent",
        send_attachment, Content(OCTETS, "The octets"), problems=(ProblemCode.NOT_FOUND, ProblemCode.RANGE_INVALID),
        partial=True, tag="attachments",
    ),
)  # fmt: skip
