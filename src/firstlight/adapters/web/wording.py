"""What stable names mean, for somebody who never read the documentation."""

from __future__ import annotations

from collections.abc import Mapping

PLAIN: Mapping[str, str] = {
    # who may read it (TLP 2.0)
    "TLP:CLEAR": "anyone may read it",
    "TLP:GREEN": "every vetted organisation may read it",
    "TLP:AMBER": "for the organisations of this case and their clients",
    "TLP:AMBER+STRICT": "for the organisations of this case only",
    "TLP:RED": "for the named readers only",
    # why two reports are together
    "confirmed": "A person said that they are one flaw",
    "identifier": "They share a name that means one flaw",
    "crash": "They crash in the same way",
    "root-cause": "They name the same place in the code",
    "like-crash": "They crash alike",
    "like-place": "They name similar places",
    "like-words": "Their titles use the same words",
    "like-text": "Their texts share many phrases",
    "fix": "The same change mends both",
    # what a patch is put through
    "applies": "It applies and builds",
    "proof-fails": "The proof no longer shows the flaw",
    "harmless": "Harmless inputs do what they did before",
    "own-tests": "The tests of the package give what they gave before",
    "regression-test": "A new test fails without it and passes with it",
    "variants": "Inputs near the proofs show nothing either",
    # where a review, a grant, an office, a partner stands
    "requested": "an office asks",
    "asked": "covered? asked",
    "answered": "covered? answered",
    "launched": "launched",
    "member": "takes part",
    "asking": "asks to take part",
    "active": "stands",
    "suspended": "halted",
    "agreed": "both sides agree",
    "appealed": "appealed",
    "agree": "agreed",
    "refuse": "refused",
    "uphold": "refusal upheld",
    "grant-appeal": "appeal granted",
    "end": "ended",
    "api": "behind an endpoint",
    "open-weights": "as open weights",
    "limited": "to chosen customers only",
    "release-to-trusted-partners": "the release to other trusted partners",
    "public-release": "the public release",
    # what a defensive tool is used for, in systems that the asker answers for
    "find-flaws": "find flaws",
    "mend-flaws": "write and try fixes",
    "watch": "see intrusions, from the systems' own records",
    "prioritise": "decide which advisories come first",
    # how strongly a run was fenced in
    "L0": "not at all",
    "L1-degraded": "in a sandbox without network (level L1, some limits weaker; see the runs)",
    "L1": "in a sandbox without network, with every limit in force (level L1)",
    "L2": "in a container inside a virtual machine, or gVisor (level L2)",
    "L3": "in a virtual machine of its own (level L3)",
    "L4": "on a machine of its own (level L4)",
}
"""stable name to a phrase; a name that is missing speaks for itself"""
