"""Keys and tokens by their published shapes, and what seems to tell a password.

A shape is listed when it can be told from ordinary text: by its prefix and its length. The same
list is tried on the text without white space, where only shapes count that no sentence makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PEM = "-----{}[A-Z0-9 ]{{0,40}}PRIVATE ?KEY(?: ?BLOCK)?-----"
_DER = (
    r"MC4CAQAwBQYDK2Vw|MIGHAgEAMBMGByqGSM49|MHcCAQEE"
    r"|MII[A-Za-z0-9+/]{4,6}BAAKCA|MII[A-Za-z0-9+/]{4,6}BADANBgkqhkiG9w0BAQEFAASC"
)
"""how private keys begin in base64, when their first line is left out (PKCS 1 and 8, SEC 1)"""
_SURE = (
    rf"(?:{_DER})[A-Za-z0-9+/=]{{16,}}",
    rf"{_PEM.format('BEGIN')}(?:.{{0,8000}}?{_PEM.format('END')})?",
    r"AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    r"(?:AKIA|ASIA)(?=[A-Z0-9]{0,15}\d)[A-Z0-9]{16}",
    r"gh[pousr]_[A-Za-z0-9]{20,}",
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"glpat-[\w-]{16,}",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}",
    r"AIza[\w-]{35}",
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    r"npm_[A-Za-z0-9]{30,}",
    r"pypi-[\w-]{40,}",
    r"hf_[A-Za-z0-9]{30,}",
    r"sk-(?:ant|proj|or)-[\w-]{16,}",
    r"eyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]+",
    r"whsec_[A-Za-z0-9+/=]{16,}",
    r"fl[tg]_[\w-]{16,}",
    r"/account/link/[\w-]{16,}",
)
_SPOKEN = (
    r"\bsk-[A-Za-z0-9]{20,}",
    r"(?i:\bbearer\s+)[\w.~+/-]{16,}=*",
    r"://[^/\s:@]+:[^/\s@]{3,}@[\w.-]+",
    r"(?i:aws_secret_access_key|secretaccesskey)\W{1,6}[A-Za-z0-9/+=]{40}",
)
_PASSWORD = re.compile(
    r"(?i)\b(?:pass(?:word|phrase|wd|code)|pwd|api[ _-]?key|(?:client|shared)[ _-]secret"
    r"|access[ _-]?token|secret[ _-]?key|pin(?:[ _-]?code)?)\b"
    r"(?:\s*(?:=|:)\s*|\s+(?:\w+\s+){0,2}?is\s+:?\s*)[\"'`]?"
    r"(?=\S*[\d!#$%&*+@^~])[^\s\"'`,;]{4,}"
)
_ALL = re.compile("|".join(_SURE + _SPOKEN), re.DOTALL)
_UNBROKEN = re.compile("|".join(_SURE), re.DOTALL)
TOKEN = re.compile(r"[A-Za-z0-9+/_=.-]{16,}")
"""what could be a secret of this installation, to be compared by digest"""


def secrets_in(text: str, *, unbroken: bool = False) -> Iterator[tuple[int, int]]:
    """Where a key or token stands; `unbroken` for a text whose white space was taken out."""
    for found in (_UNBROKEN if unbroken else _ALL).finditer(text):
        yield found.span()


def passwords_in(text: str) -> Iterator[tuple[int, int]]:
    """Where a password seems to be told."""
    for found in _PASSWORD.finditer(text):
        yield found.span()
