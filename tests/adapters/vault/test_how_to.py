from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.adapters.vault.test_receipt import real

PAGE = Path(__file__).parents[3] / "docs/how-to/destroy-an-engagement.md"


def run(script: str, receipt: Path, key: bytes) -> subprocess.CompletedProcess[str]:
    """The page's program, as a reader would run it."""
    return subprocess.run(
        [sys.executable, "-c", script, str(receipt), key.hex()],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_checks_a_receipt(tmp_path: Path) -> None:
    """The program there accepts a real receipt and refuses an altered one, without our code."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    script = found[1]
    assert "firstlight." not in script.replace("vnd.firstlight.", "")
    receipt = tmp_path / "receipt.json"
    file, key, said = real(tmp_path)
    receipt.write_bytes(file)
    good = run(script, receipt, key)
    assert json.loads(good.stdout) == said["destroyed"]
    raw = json.loads(file)
    raw["payload"] = "A" + raw["payload"][1:]
    receipt.write_text(json.dumps(raw))
    assert run(script, receipt, key).returncode == 1
