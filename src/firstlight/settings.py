"""Every setting in one place: environment in, one frozen dataclass out."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firstlight.core.kernel.errors import Unavailable

_OSV_PREFIX = re.compile(r"[A-Za-z0-9]{1,16}(-[A-Za-z0-9]{1,16}){0,2}")


class BadSetting(Unavailable):
    """A setting has a value that cannot be used."""

    code = "settings.bad_value"
    next_step = "Correct the named environment variable; docs/reference/settings.md lists all."


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator may decide; each variable is FIRSTLIGHT_ and the field's name."""

    data: Path
    """folder of the database, keys, caches and the public zone; created when missing, mode 0700"""
    database_url: str
    """DATABASE_URL: `sqlite:///path` or `postgresql://user:password@host/name`"""
    base_url: str = "http://localhost:8600"
    """where people reach the portal; https anywhere but on loopback. Passkeys need a name, no IP"""
    runner_url: str = ""
    """address of a runner; empty starts one as a child process on loopback"""
    runner_token: str = ""
    """the runner's bearer token, when `runner_url` is set"""
    workers: int = 2
    """jobs that one worker process does at the same time"""
    page_size: int = 50
    """rows of a list page"""
    upload_bytes: int = 32 << 20
    """largest report that is accepted"""
    allow_hosts: tuple[str, ...] = ()
    """further hosts that the outgoing client may reach (comma-separated)"""
    gateway_url: str = "http://localhost:8602"
    """where reviewers reach the gateway; shown on their pages. https anywhere but on loopback"""
    gateway_hosts: tuple[str, ...] = ()
    """hosts of developers' endpoints that the gateway may reach (commas); `host+private` also on a
    private network; `host+here` on this machine, over plain HTTP, to try things out"""
    trusted_proxies: tuple[str, ...] = ()
    """addresses of reverse proxies whose X-Forwarded-For and -Proto are believed (commas)"""
    publisher_name: str = "Firstlight clearinghouse"
    """named as publisher in advisories"""
    publisher_namespace: str = "https://firstlight.invalid"
    """the publisher's own address in advisories"""
    public_url: str = ""
    """https address of the public zone; empty while it has none, and then it is no CSAF provider"""
    osv_prefix: str = ""
    """prefix registered with OSV for this publisher, say `ACME`; empty keeps `FL`, which is not"""
    security_contact: str = ""
    """named in /.well-known/security.txt, a mailto: or https: address; empty serves no such file"""
    mail_url: str = ""
    """`smtp://host:port`; empty writes messages into the folder `mail` below `data`"""
    memory_folder: str = "/dev/shm"  # noqa: S108  # a tmpfs by convention; what it is, is checked
    """a folder in memory (tmpfs) from which programs may be run; sealed tasks are built there"""
    debug: bool = False
    """never in production: error pages show internals"""

    @property
    def public_zone(self) -> Path:
        """The folder of signed files."""
        return self.data / "public"

    @property
    def signatures(self) -> Path:
        """OpenPGP signatures, kept so that a rebuilt zone is the same; not secret, worth a copy."""
        return self.data / "signatures"

    @property
    def keys(self) -> Path:
        """The folder of private keys, mode 0700, outside the database and its backups."""
        return self.data / "keys"

    @property
    def sealed_keys(self) -> Path:
        """Keys of engagements, mode 0700: in no database and in no backup, or closing is no end."""
        return self.data / "sealed-keys"

    @property
    def suite_keys(self) -> Path:
        """Keys of sealed suites, mode 0700: in no backup; copy them to where secrets are kept."""
        return self.data / "suite-keys"

    @property
    def reader_marks(self) -> Path:
        """The key of readers' marks; it outlives engagements and is backed up with `keys`."""
        return self.keys / "reader-marks"

    @property
    def guard_keys(self) -> Path:
        """Keys of the texts that the outbound guard keeps; backed up with `keys`."""
        return self.keys / "guard"

    @property
    def canaries(self) -> Path:
        """Text that was planted to show a leak, a line each; there need be none."""
        return self.data / "canaries.txt"

    @property
    def cache(self) -> Path:
        """Downloads and builds; may be deleted at any time."""
        return self.data / "cache"

    @property
    def secure(self) -> bool:
        """Whether the portal is reached over TLS."""
        return self.base_url.startswith("https://")


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise BadSetting(f"{name}={text!r} is not a whole number above zero", variable=name)
    return int(text)


def _words(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in env.get(name, "").split(",") if word.strip())


def _contact(env: Mapping[str, str]) -> str:
    """An address that fits on one line of security.txt (RFC 9116, section 2.5.3)."""
    text = env.get("FIRSTLIGHT_SECURITY_CONTACT", "").strip()
    scheme, _, rest = text.partition(":")
    plain = text.isascii() and text.isprintable() and " " not in text
    if text and not (plain and scheme in {"mailto", "https"} and rest.strip("/")):
        raise BadSetting(
            f"FIRSTLIGHT_SECURITY_CONTACT={text!r} is neither a mailto: nor an https: address",
            variable="FIRSTLIGHT_SECURITY_CONTACT",
        )
    return text


def _osv_prefix(env: Mapping[str, str]) -> str:
    """A prefix as OSV registers them: letters and digits, with `-` between them."""
    text = env.get("FIRSTLIGHT_OSV_PREFIX", "").strip()
    if text and not _OSV_PREFIX.fullmatch(text):
        raise BadSetting(
            f"FIRSTLIGHT_OSV_PREFIX={text!r} is no prefix such as ACME, without the - at its end",
            variable="FIRSTLIGHT_OSV_PREFIX",
        )
    return text


def _public_url(env: Mapping[str, str]) -> str:
    """CSAF allows no other scheme, and no address with a query."""
    text = env.get("FIRSTLIGHT_PUBLIC_URL", "").strip().rstrip("/")
    host = text.removeprefix("https://")
    if text and (host in {text, ""} or not text.isascii() or set(text) & set('?#@<>" \t')):
        raise BadSetting(
            f"FIRSTLIGHT_PUBLIC_URL={text!r} is no https address such as https://example.org",
            variable="FIRSTLIGHT_PUBLIC_URL",
        )
    return text


def _gateway_url(env: Mapping[str, str]) -> str:
    text = env.get("FIRSTLIGHT_GATEWAY_URL") or Settings.gateway_url
    if not text.startswith(("http://", "https://")):
        raise BadSetting(
            f"FIRSTLIGHT_GATEWAY_URL={text!r} is no http address",
            variable="FIRSTLIGHT_GATEWAY_URL",
        )
    return text.rstrip("/")


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        BadSetting: a value cannot be used; the message names the variable.
    """
    env = os.environ if env is None else env
    data = Path(env.get("FIRSTLIGHT_DATA") or ".firstlight").absolute()
    base_url = env.get("FIRSTLIGHT_BASE_URL") or Settings.base_url
    if not base_url.startswith(("http://", "https://")):
        raise BadSetting(f"FIRSTLIGHT_BASE_URL={base_url!r} is no http address")
    return Settings(
        data=data,
        database_url=env.get("DATABASE_URL") or f"sqlite:///{data}/firstlight.sqlite3",
        base_url=base_url.rstrip("/"),
        runner_url=env.get("FIRSTLIGHT_RUNNER_URL", ""),
        runner_token=env.get("FIRSTLIGHT_RUNNER_TOKEN", ""),
        workers=_whole(env, "FIRSTLIGHT_WORKERS", Settings.workers),
        page_size=_whole(env, "FIRSTLIGHT_PAGE_SIZE", Settings.page_size),
        upload_bytes=_whole(env, "FIRSTLIGHT_UPLOAD_BYTES", Settings.upload_bytes),
        allow_hosts=_words(env, "FIRSTLIGHT_ALLOW_HOSTS"),
        gateway_url=_gateway_url(env),
        gateway_hosts=_words(env, "FIRSTLIGHT_GATEWAY_HOSTS"),
        trusted_proxies=_words(env, "FIRSTLIGHT_TRUSTED_PROXIES"),
        publisher_name=env.get("FIRSTLIGHT_PUBLISHER_NAME") or Settings.publisher_name,
        publisher_namespace=env.get("FIRSTLIGHT_PUBLISHER_NAMESPACE")
        or Settings.publisher_namespace,
        public_url=_public_url(env),
        osv_prefix=_osv_prefix(env),
        security_contact=_contact(env),
        mail_url=env.get("FIRSTLIGHT_MAIL_URL", ""),
        memory_folder=env.get("FIRSTLIGHT_MEMORY_FOLDER") or Settings.memory_folder,
        debug=env.get("FIRSTLIGHT_DEBUG", "") == "1",
    )
