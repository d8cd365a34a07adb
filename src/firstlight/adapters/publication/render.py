"""The files of one advisory in the public zone: CSAF, OSV, digests, signatures, one envelope."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firstlight.adapters.formats.csaf_2_1 import FOLDER as CSAF_2_1
from firstlight.adapters.formats.csaf_2_1 import write_csaf_2_1
from firstlight.adapters.formats.csaf_advisory import Publisher, csaf_path, write_csaf
from firstlight.adapters.formats.osv import osv_id, write_osv
from firstlight.adapters.publication.envelope import seal
from firstlight.core.clearinghouse.advisory.model import Advisory
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.checkpoint import verifier_key
from firstlight.usecases.ledger.export import KEY as LEDGER_KEY
from firstlight.usecases.ledger.export import ORIGIN
from firstlight.usecases.ports import Signer

KEY = "advisory"


@dataclass(frozen=True, kw_only=True)
class Renderer:
    """Turns an advisory into its files; the same advisory gives the same bytes."""

    signer: Signer
    publisher: Publisher
    signature: Callable[[bytes], bytes]
    """the OpenPGP signature of a document; the same for the same document"""

    def __call__(self, advisory: Advisory) -> Mapping[str, bytes]:
        """Relative path to content."""
        csaf = f"csaf/{csaf_path(advisory)}"
        osv = f"osv/{osv_id(advisory, self.publisher)}.json"
        documents = {
            csaf: write_csaf(advisory, self.publisher),
            f"{CSAF_2_1}/{csaf_path(advisory)}": write_csaf_2_1(advisory, self.publisher),
            osv: write_osv(advisory, self.publisher),
        }
        files = dict(documents)
        for path, content in documents.items():
            files[f"{path}.asc"] = self.signature(content)
            for name in ("sha256", "sha512"):
                line = f"{hashlib.new(name, content).hexdigest()}  {path.rsplit('/', 1)[-1]}\n"
                files[f"{path}.{name}"] = line.encode()
        predicate: dict[str, Json] = {
            "advisory": advisory.number,
            "revision": len(advisory.revisions),
            "state": advisory.state.value,
        }
        files[f"statements/{advisory.number}.intoto.json"] = seal(
            self.signer, KEY, documents, predicate
        )
        key = self.signer.public_key(KEY)
        described = {
            "keytype": "ed25519",
            "keyid": hashlib.sha256(key).hexdigest(),
            "public": key.hex(),
        }
        ledger = verifier_key(ORIGIN, self.signer.public_key(LEDGER_KEY))
        files["keys/ledger.key"] = f"{ledger}\n".encode()
        files["keys/advisory.json"] = json.dumps(described, indent=2).encode() + b"\n"
        return files
