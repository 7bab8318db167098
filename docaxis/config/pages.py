"""The tables of the web process: pages, API, and the identity provider."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from docaxis.config.section import MIB, Count, Port, Section


class WebSection(Section):
    """The pages: a process of their own (`docaxis web serve`); port 0 picks a free one."""

    host: str = "127.0.0.1"
    port: Port = 8480
    public_url: str = ""
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9480
    proxy_hops: Annotated[int, Field(ge=0, le=9)] = 0
    idle_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 15.0
    session_hours: Annotated[float, Field(gt=0, le=7 * 24)] = 8.0
    endpoints_dir: Path = Path("web-endpoints")
    upload_bytes: Count = 60 * MIB
    files: Annotated[int, Field(gt=0, le=200)] = 30
    targets_file: Path | None = None
    test_data: bool = False
    unsafe_demo_sign_in: bool = False

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.username is not None):
            raise ValueError("http:// or https://, a host, and a port where it is not the usual one")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError("nothing may stand behind the host and port: the pages are at its root")
        return value.rstrip("/").lower()

    @model_validator(mode="after")
    def _demo_is_no_real_data(self) -> Self:
        if self.unsafe_demo_sign_in and not self.test_data:
            raise ValueError("unsafe_demo_sign_in lets anybody in; it needs test_data = true")
        return self


class ApiSection(Section):
    """The API for systems, in the web process; with a certificate it also listens for clients that show one."""

    requests_per_minute: Count = 600
    upload_hours: Annotated[float, Field(gt=0, le=24 * 30)] = 24.0
    tls_host: str = "127.0.0.1"
    tls_port: Port = 8481
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None

    @model_validator(mode="after")
    def _key_goes_with_certificate(self) -> Self:
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_certificate_file and tls_key_file go together")
        return self


class OidcSection(Section):
    """People sign in through an identity provider (OpenID Connect, code flow); without an issuer they do not."""

    issuer: str = ""
    client_id: str = ""
    client_secret_file: Path | None = None
    login_claim: str = "preferred_username"
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _client_is_named(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("client_id is needed beside issuer")
        return self
