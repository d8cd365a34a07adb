"""What the use cases need from the world, as Protocols. Adapters implement them; tests prove them.

Each port ends with the errors that its implementers may raise.
"""

from firstlight.usecases.ports.execution import (
    Command,
    ContainmentLevel,
    Experiment,
    ExperimentResult,
    Limits,
    Mount,
    Runner,
    RunResult,
    Sandbox,
    Step,
    Stopped,
    Trial,
    TrialRun,
)

__all__ = [
    "Command",
    "ContainmentLevel",
    "Experiment",
    "ExperimentResult",
    "Limits",
    "Mount",
    "RunResult",
    "Runner",
    "Sandbox",
    "Step",
    "Stopped",
    "Trial",
    "TrialRun",
]
