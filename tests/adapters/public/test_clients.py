"""Clients of other projects, unmodified, against the real server: they find what they should."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance
from tests.adapters.formats.test_csaf_advisory import PACKAGE
from tests.public_zone import make_zone, numbered, served

from firstlight.adapters.public.openapi import DOCUMENT
from firstlight.core.clearinghouse.advisory.model import AffectedPackage

BESIDE = Path(sys.executable).parent
NPM = AffectedPackage(
    purl="pkg:npm/exjs", ecosystem="npm", name="exjs", introduced="1.0.0", fixed="1.2.0"
)
LOCK = """version = 1
revision = 3
requires-python = ">=3.11"
"""


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One advisory for PyPI and one for npm."""
    made = make_zone(tmp_path_factory.mktemp("data"))
    made.publish(
        numbered(1, packages=(PACKAGE,), identifiers=()),
        numbered(2, packages=(NPM,), identifiers=("CVE-2026-4242",), cvss=""),
    )
    return made.folder


@pytest.fixture(scope="module")
def url(zone: Path) -> Iterator[str]:
    """The real server."""
    with served(zone) as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    """Keeps its connection."""
    with httpx.Client(base_url=url) as made:
        yield made


def run(command: list[str | Path], where: Path, **environment: str) -> tuple[int, str]:
    """Exit code and standard output of a client."""
    done = subprocess.run(
        command,
        cwd=where,
        env={"PATH": os.environ["PATH"], "HOME": str(where), **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout or done.stderr


def test_pip_audit(url: str, tmp_path: Path) -> None:
    """Finds the flaw in the affected version, with its fix, and nothing in the fixed one."""
    given_ = tmp_path / "requirements.txt"
    given_.write_text("exlib==1.1\nother==1.0\n")
    client: list[str | Path] = [
        BESIDE / "pip-audit",
        "-r",
        given_,
        "--no-deps",
        "--disable-pip",
        "-f",
        "json",
    ]
    asked: list[str | Path] = [
        *client,
        "--vulnerability-service",
        "osv",
        "--osv-url",
        f"{url}/v1/query",
    ]
    code, output = run(asked, tmp_path)
    assert code == 1
    found = {one["name"]: one["vulns"] for one in json.loads(output)["dependencies"]}
    assert [(one["id"], one["fix_versions"]) for one in found["exlib"]] == [
        ("FL-2026-0001", ["1.2"])
    ]
    assert found["other"] == []
    given_.write_text("exlib==1.2\n")
    assert run(asked, tmp_path)[0] == 0


def locked(where: Path, version: str) -> None:
    """A project whose lock file has one dependency."""
    project = f'[project]\nname = "x"\nversion = "0"\ndependencies = ["exlib=={version}"]\n'
    (where / "pyproject.toml").write_text(f'{project}requires-python = ">=3.11"\n')
    package = f'\n[[package]]\nname = "exlib"\nversion = "{version}"\n'
    (where / "uv.lock").write_text(
        f'{LOCK}{package}source = {{ registry = "https://example.invalid/simple" }}\n'
        '\n[[package]]\nname = "x"\nversion = "0"\nsource = { virtual = "." }\n'
        'dependencies = [{ name = "exlib" }]\n\n[package.metadata]\n'
        f'requires-dist = [{{ name = "exlib", specifier = "=={version}" }}]\n'
    )


def test_uv_audit(url: str, tmp_path: Path) -> None:
    """Likewise, from a lock file, by the batch query."""
    asked = ["audit", "--preview-features", "audit", "--frozen", "--service-url", url]
    client: list[str | Path] = [BESIDE / "uv", *asked]
    locked(tmp_path, "1.1")
    code, output = run(client, tmp_path, UV_HTTP_RETRIES="0")
    assert code == 1
    assert "FL-2026-0001" in output
    assert "Fixed in: 1.2" in output
    locked(tmp_path, "1.2")
    assert run(client, tmp_path, UV_HTTP_RETRIES="0")[0] == 0


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, private


def test_cve_lite_cli(zone: Path, tmp_path: Path) -> None:
    """A client from npm that demands TLS; the server's own serves it."""
    node = shutil.which("node")
    script = Path(__file__).parents[2] / "validators/node_modules/.bin/cve-lite"
    if node is None or not script.exists():
        pytest.skip("needs Node.js and `make validators`")
    chain, private = certificate(tmp_path)
    lock: dict[str, Any] = {
        "name": "x",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "x", "version": "1.0.0", "dependencies": {"exjs": "1.1.0"}},
            "node_modules/exjs": {"version": "1.1.0"},
        },
    }
    (tmp_path / "package.json").write_text(json.dumps(lock["packages"][""]))
    with served(zone, (chain, private)) as address:
        for version, expected in (("1.1.0", True), ("1.2.0", False)):
            lock["packages"]["node_modules/exjs"]["version"] = version
            (tmp_path / "package-lock.json").write_text(json.dumps(lock))
            client: list[str | Path] = [node, script, tmp_path, "--osv-url", address, "--no-cache"]
            told = run(
                [*client, "--allow-private-osv-url", "--ca-cert", chain, "--all"],
                tmp_path,
                NODE_EXTRA_CA_CERTS=str(chain),
            )[1]
            assert ("CVE-2026-4242" in told or "FL-2026-0002" in told) is expected, told


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("/v1/query", GenerationMode.POSITIVE),
        ("/v1/query", GenerationMode.NEGATIVE),
        ("/v1/querybatch", GenerationMode.POSITIVE),
        ("/v1/querybatch", GenerationMode.NEGATIVE),
        ("/v1/vulns/{id}", GenerationMode.POSITIVE),
    ],
)
def test_whatever_is_sent_nothing_breaks(url: str, path: str, mode: GenerationMode) -> None:
    """Schemathesis over the description: no 5xx, and answers as described."""
    schema = openapi.from_dict(json.loads(DOCUMENT))
    schema.config.update(base_url=url)
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    operation = next(one for one in operations if one.path == path)

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def probe(case: Any) -> None:  # noqa: ANN401  # schemathesis's own type is not exported
        case.call_and_validate(
            base_url=url, checks=[not_a_server_error, response_schema_conformance]
        )

    probe()
    assert httpx.get(f"{url}/v1/openapi.json").status_code == 200


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=..., path=st.sampled_from(["/", "/csaf/", "/csaf/index.txt", "/osv/all.jsonl"]))
def test_whatever_is_asked_of_files_nothing_breaks(
    client: httpx.Client, path: str, data: bytes
) -> None:
    """Any bytes in the headers that bear on a file, and after its name."""
    value = bytes(byte for byte in data if byte > 32 and byte != 127)
    for name in (b"range", b"if-range", b"if-none-match", b"if-modified-since"):
        assert client.get(path, headers={name: value}).status_code < 500
    assert client.get(f"{path}{quote(data)}").status_code < 500
