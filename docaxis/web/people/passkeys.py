"""Passkeys (WebAuthn): what is asked of the browser, and whether its answer holds; the person is always verified by it."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import webauthn
from aiohttp import web
from webauthn.helpers import base64url_to_bytes, options_to_json_dict, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from docaxis.domain.people import Person
from docaxis.hub.views.people import PasskeyView
from docaxis.web.cookies import cookie_name, cookie_of
from docaxis.web.people.ports import PASSKEYS, RULES, SESSIONS
from docaxis.web.site import SITE

_HOLDS = timedelta(minutes=5)
_CHALLENGE_OCTETS = 32
_VERIFIED = UserVerificationRequirement.REQUIRED


async def registration_options(request: web.Request, person: Person) -> web.Response:
    """Answer what the browser needs to make a passkey for a person."""
    site = request.app[SITE]
    held = await request.app[PASSKEYS].of_person(person.person_id)
    challenge = secrets.token_bytes(_CHALLENGE_OCTETS)
    options = webauthn.generate_registration_options(
        rp_id=host_of(site.public_url),
        rp_name=site.hub,
        user_id=person.person_id.bytes,
        user_name=person.login,
        user_display_name=person.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in held],
    )
    return _with_challenge(request, options_to_json_dict(options), challenge)


async def register(request: web.Request, person: Person, credential: str, name: str) -> bool:
    """Add the passkey that the browser has made; False when its answer does not hold."""
    site = request.app[SITE]
    challenge = await _challenge(request)
    if challenge is None:
        return False
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=host_of(site.public_url),
            expected_origin=site.public_url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return False
    passkey = PasskeyView(
        verified.credential_id, person.person_id, verified.credential_public_key, verified.sign_count, name, site.now()
    )
    return await request.app[PASSKEYS].add(person, passkey)


def sign_in_options(request: web.Request) -> web.Response:
    """Answer what the browser needs to offer whatever passkeys it has for this site."""
    challenge = secrets.token_bytes(_CHALLENGE_OCTETS)
    options = webauthn.generate_authentication_options(
        rp_id=host_of(request.app[SITE].public_url), challenge=challenge, user_verification=_VERIFIED
    )
    return _with_challenge(request, options_to_json_dict(options), challenge)


async def signed_by(request: web.Request, credential: str) -> PasskeyView | None:
    """Return the passkey that has signed our challenge just now, None when the answer does not hold."""
    site = request.app[SITE]
    challenge = await _challenge(request)
    if challenge is None:
        return None
    try:
        answer = parse_authentication_credential_json(credential)
        passkey = await request.app[PASSKEYS].find(answer.raw_id)
        if passkey is None:
            return None
        handle = answer.response.user_handle
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=host_of(site.public_url),
            expected_origin=site.public_url,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return None
    if handle is not None and handle != passkey.person_id.bytes:
        return None
    await request.app[PASSKEYS].used(passkey.credential_id, verified.new_sign_count, site.now())
    return replace(passkey, sign_count=verified.new_sign_count)


def host_of(public_url: str) -> str:
    """Return the name that passkeys belong to."""
    return urlsplit(public_url).hostname or ""


def written_id(credential_id: bytes) -> str:
    """Return a passkey's id as forms hold it."""
    return base64.urlsafe_b64encode(credential_id).decode().rstrip("=")


def read_id(text: str) -> bytes:
    """Return the id that a form holds; nobody's where it is none."""
    try:
        return base64url_to_bytes(text)
    except ValueError:
        return b""


def _cookie(request: web.Request) -> str:
    return cookie_name("passkey", is_secure=request.app[SITE].is_secure)


def _with_challenge(request: web.Request, options: dict[str, object], challenge: bytes) -> web.Response:
    """Answer with the options; the challenge also goes into a cookie that only we can make."""
    site = request.app[SITE]
    ends_at = site.now() + _HOLDS
    content = f"{challenge.hex()}.{int(ends_at.timestamp())}"
    response = web.json_response(options)
    response.set_cookie(
        _cookie(request), f"{content}.{_signature(request, content)}", path="/", max_age=int(_HOLDS.total_seconds()),
        secure=site.is_secure, httponly=True, samesite="Strict",
    )  # fmt: skip
    return response


async def _challenge(request: web.Request) -> bytes | None:
    """Return the challenge that we gave this browser a few minutes ago, once."""
    content, _, signature = cookie_of(request, _cookie(request)).rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(request, content).encode()):
        return None
    text, _, ends = content.partition(".")
    now = request.app[SITE].now()
    if int(ends) < now.timestamp():
        return None
    challenge = bytes.fromhex(text)
    token_id = "passkey:" + hashlib.sha256(challenge).hexdigest()
    return challenge if await request.app[SESSIONS].use_once(token_id, now + _HOLDS) else None


def _signature(request: web.Request, content: str) -> str:
    return hmac.new(request.app[RULES].key, b"passkey\0" + content.encode(), hashlib.sha256).hexdigest()
