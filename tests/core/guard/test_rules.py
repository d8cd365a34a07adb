"""Each rule on texts that differ in one thing."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from tests.core.guard.ground import (
    BINARY,
    CANARY,
    FUNCTION,
    KNOWLEDGE,
    PARTY,
    PATH,
    PROOF,
    STRANGER,
    TITLE,
    mailed,
    posted,
    published,
)

from firstlight.core.guard.judge import MOST_CHARACTERS, judge
from firstlight.core.guard.model import Channel, Outgoing, Recipient, Rule, Verdict
from firstlight.core.guard.passing import Passed, fingerprint, passed, released
from firstlight.core.kernel.marking import Marking


@pytest.mark.parametrize(
    ("body", "rule", "verdict"),
    [
        ("There is news. Sign in to read it.", None, Verdict.PASS),
        ("FL-2026-0003 is public, and may be named.", None, Verdict.PASS),
        ("Write to security@example.org about it.", None, Verdict.PASS),
        ("Write to operator@example.net, which is you.", None, Verdict.PASS),
        ("git clone git@example.com:a/b.git", None, Verdict.PASS),
        ("Use pkg:npm/lodash@4.17.20 or foo@1.0.0-rc.alpha.", None, Verdict.PASS),
        ("SHA-256 " + hashlib.sha256(b"anything").hexdigest(), None, Verdict.PASS),
        ("Passwords: see the page on accounts.", None, Verdict.PASS),
        ("libexample 2.1 adds colours.", None, Verdict.PASS),
        ("Fixed a typo in src/main.c of another program.", None, Verdict.PASS),
        ("We inflate the balloon.", None, Verdict.PASS),
        ("FL-2026-00071 is unknown.", Rule.EMBARGO, Verdict.BLOCK),
        ("FL-2026-0007", Rule.EMBARGO, Verdict.BLOCK),
        ("CVE-2026-41007", Rule.EMBARGO, Verdict.BLOCK),
        ("fnd_01jd8m3zq0n6v5x2y4w7t9r1ab", Rule.EMBARGO, Verdict.BLOCK),
        (f"in {FUNCTION}", Rule.SEALED, Verdict.BLOCK),
        (f"in {PATH}", Rule.SEALED, Verdict.BLOCK),
        (TITLE.upper(), Rule.SEALED, Verdict.BLOCK),
        ("src/main.c of libexample", Rule.SEALED, Verdict.BLOCK),
        ("libexample calls inflate", Rule.SEALED, Verdict.BLOCK),
        ("A flaw in libexample will be told.", Rule.HINT, Verdict.HOLD),
        ("ZmxhdyBpbiBsaWJleGFtcGxl", Rule.HINT, Verdict.HOLD),
        (hashlib.sha256(PROOF).hexdigest(), Rule.PROOF, Verdict.BLOCK),
        (base64.b64encode(hashlib.sha256(PROOF).digest()).decode(), Rule.PROOF, Verdict.BLOCK),
        (base64.b64encode(BINARY).decode(), Rule.PROOF, Verdict.BLOCK),
        (BINARY[40:100].hex(), Rule.PROOF, Verdict.BLOCK),
        (f"{CANARY}", Rule.CANARY, Verdict.BLOCK),
        ("password: hunter2!", Rule.PASSWORD, Verdict.HOLD),
        ("[TLP:AMBER+STRICT] News", Rule.MARKING, Verdict.BLOCK),
        ("tlp red\nNews", Rule.MARKING, Verdict.BLOCK),
        ("Our policy says what TLP:RED means.", Rule.MARKING, Verdict.HOLD),
        ("TLP:CLEAR", None, Verdict.PASS),
        ("finder@example.com wrote", Rule.PERSONAL, Verdict.REWRITE),
        ("finder [at] example [dot] com wrote", Rule.PERSONAL, Verdict.REWRITE),
        ("Call +44 20 7946 0958 now", Rule.PERSONAL, Verdict.REWRITE),
        ("Call (202) 555-0143 now", Rule.PERSONAL, Verdict.REWRITE),
        (base64.b64encode(bytes(range(128, 208))).decode(), Rule.OPAQUE, Verdict.HOLD),
        ("word " * (MOST_CHARACTERS // 5 + 1), Rule.BOUNDS, Verdict.HOLD),
        (f"{FUNCTION} " + "word " * (MOST_CHARACTERS // 5), Rule.SEALED, Verdict.BLOCK),
    ],
)
def test_a_stranger_is_told(body: str, rule: Rule | None, verdict: Verdict) -> None:
    """What is sealed is blocked, what may be is held, other people's addresses go."""
    judged = mailed(body)
    assert (judged.rule, judged.verdict) == (rule, verdict)


@pytest.mark.parametrize(
    ("body", "verdict", "left"),
    [
        ("FL-2026-0007 was validated.", Verdict.PASS, "FL-2026-0007 was validated."),
        ("A flaw in libexample", Verdict.PASS, "A flaw in libexample"),
        (f"In {FUNCTION}, surely.", Verdict.REWRITE, "In [left out], surely."),
        (f"Title: {TITLE}.", Verdict.REWRITE, "Title: [left out]."),
        (PROOF.decode(), Verdict.BLOCK, PROOF.decode()),
    ],
)
def test_a_party_is_told_by_mail_that_there_is_news_and_not_what(
    body: str, verdict: Verdict, left: str
) -> None:
    """Its number may be named; title, file and function stay on the pages; proofs never leave."""
    judged = mailed(body, to=PARTY)
    assert (judged.verdict, judged.body) == (verdict, left)


def test_what_one_recipient_may_not_read_none_is_sent() -> None:
    """A stranger in copy makes a stranger's message of it."""
    both = Outgoing(
        channel=Channel.MAIL,
        recipients=(PARTY, STRANGER),
        subject="News",
        body=f"FL-2026-0007, in {FUNCTION}",
    )
    assert judge(both, KNOWLEDGE).verdict is Verdict.BLOCK


def test_nobody_knows_the_recipient() -> None:
    """A person looks at what goes to an address that has no account and no report."""
    judged = mailed("Hello.", to=Recipient(address="who@example.net", known=False))
    assert (judged.rule, judged.verdict) == (Rule.RECIPIENT, Verdict.HOLD)


def test_a_thing_is_not_sent_below_its_marking() -> None:
    """What is marked AMBER goes to nobody who may read GREEN."""
    reader = Recipient(address="a@example.net", ceiling=Marking.GREEN)
    amber = Outgoing(
        channel=Channel.MAIL, recipients=(reader,), subject="", body="", marking=Marking.AMBER
    )
    assert judge(amber, KNOWLEDGE).verdict is Verdict.BLOCK


def test_a_release_may_tell_its_own_case_and_no_other() -> None:
    """Title, file and function are its subject; proofs stay sealed, and so does what is not its."""
    own = f"{TITLE}: {FUNCTION} in {PATH}, CVE-2026-41007, FL-2026-0007"
    assert published(own, "fl-2026-0007").verdict is Verdict.PASS
    assert published(own).verdict is Verdict.BLOCK
    assert published(PROOF.decode(), "fl-2026-0007").verdict is Verdict.BLOCK


def test_words_that_a_person_approved_are_held_and_not_rewritten() -> None:
    """The proposal stands beside them."""
    judged = published("Reported by finder@example.com.")
    assert (judged.verdict, judged.rule) == (Verdict.HOLD, Rule.PERSONAL)
    assert judged.body == "Reported by [left out]."


def test_a_webhook_is_rewritten_within_its_texts_or_held() -> None:
    """Its JSON stays what it was."""
    body = json.dumps({"says": f"in {FUNCTION}", "n": 1})
    assert json.loads(posted(body).body) == {"says": "in [left out]", "n": 1}
    spread = json.dumps({"a": "see parse_frame_", "b": "header"})
    across = json.dumps({"parse_frame": "header"})
    assert posted(spread).verdict is Verdict.PASS  # the key stands between
    assert posted(across).verdict is Verdict.HOLD


def test_only_the_guard_makes_what_may_leave() -> None:
    """A held text leaves by a person's word alone, and a blocked one by nobody's."""
    held = Outgoing(channel=Channel.MAIL, recipients=(STRANGER,), subject="", body="password: a1b2")
    judged = judge(held, KNOWLEDGE)
    assert passed(held, judged) is None
    by = released(held, judged, by="per")
    assert by is not None
    assert (by.body, by.released_by, by.to) == (held.body, "per", STRANGER.address)
    blocked = Outgoing(channel=Channel.MAIL, recipients=(STRANGER,), subject="", body=FUNCTION)
    assert released(blocked, judge(blocked, KNOWLEDGE), by="per") is None
    with pytest.raises(TypeError, match="only the guard"):
        Passed(channel=Channel.MAIL, to="a", subject="", body="", proof=object())


def test_a_text_for_nobody_cannot_be_judged() -> None:
    """It has at least one recipient."""
    with pytest.raises(ValueError, match="at least one recipient"):
        Outgoing(channel=Channel.MAIL, recipients=(), subject="", body="")


def test_a_fingerprint_is_of_one_text_for_one_recipient() -> None:
    """Every part counts."""
    parts = (Channel.MAIL, "to", "subject", "body")
    others = {
        fingerprint(Channel.WEBHOOK, "to", "subject", "body"),
        fingerprint(Channel.MAIL, "tos", "ubject", "body"),
        fingerprint(Channel.MAIL, "to", "subjec", "tbody"),
        fingerprint(Channel.MAIL, "to", "subject", "bod"),
    }
    assert len(others | {fingerprint(*parts)}) == len(others) + 1
