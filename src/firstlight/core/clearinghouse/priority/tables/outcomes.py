"""The scales of outcomes that the tables choose from, from the least to the most urgent.

Keys, names and versions are the published ones (see `points`); meanings are in our words.
"""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.decision import Point, Value


def _value(key: str, name: str, meaning: str) -> Value:
    return Value(key=key, name=name, meaning=meaning)


REMEDIATION_TIMELINE = Point(
    namespace="cisa",
    key="BOD2604",
    version="1.0.0",
    name="CISA BOD 26-04 Remediation Timelines",
    question="By when must the flaw be remedied on the asset?",
    values=(
        _value("FSU", "Fix on system upgrade", "With the next scheduled upgrade or rebuild."),
        _value("60D", "60 days", "Within 60 days."),
        _value("14D", "14 days", "Within 14 days."),
        _value("3D", "3 days", "Within 3 days."),
        _value(
            "3DF",
            "3 days & forensic investigation",
            "Within 3 days, and examine whether the asset is compromised.",
        ),
    ),
)

CISA_LEVELS = Point(
    namespace="cisa",
    key="CISA",
    version="1.1.0",
    name="CISA Levels",
    question="How much attention does the flaw need?",
    values=(
        _value("T", "Track", "No action now; fix with ordinary updates."),
        _value("T*", "Track*", "Watch closely; fix with ordinary updates."),
        _value("AT", "Attend", "Supervisors attend to it; fix sooner than ordinary updates."),
        _value("AC", "Act", "Leaders attend to it; fix as soon as possible."),
    ),
)

COORDINATE = Point(
    namespace="ssvc",
    key="COORDINATE",
    version="1.0.1",
    name="Decline, Track, Coordinate",
    question="What does a coordinator do with the report?",
    values=(
        _value("D", "Decline", "Nothing."),
        _value("T", "Track", "Take in information and watch, without overt action."),
        _value("C", "Coordinate", "Act on the report."),
    ),
)

PATCH_PRIORITY = Point(
    namespace="ssvc",
    key="DSOI",
    version="1.0.0",
    name="Defer, Scheduled, Out-of-Cycle, Immediate",
    question="When is the patch made or applied?",
    values=(
        _value("D", "Defer", "Not for now."),
        _value("S", "Scheduled", "In the ordinary maintenance window."),
        _value("O", "Out-of-Cycle", "Sooner than the ordinary window, overtime if need be."),
        _value("I", "Immediate", "At once, ordinary work set aside."),
    ),
)

PUBLISH = Point(
    namespace="ssvc",
    key="PUBLISH",
    version="1.0.0",
    name="Publish, Do Not Publish",
    question="Does the coordinator publish?",
    values=(
        _value("N", "Do Not Publish", "The coordinator does not publish."),
        _value("P", "Publish", "The coordinator publishes."),
    ),
)
