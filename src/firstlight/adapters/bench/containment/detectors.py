"""The detectors, each with a name, so that a drill can show what is lost without one."""

from __future__ import annotations

from enum import StrEnum


class Detector(StrEnum):
    """One way to notice that containment does not hold."""

    PROBES = "probes"
    """attempts from inside, before, during and after"""
    CALLS = "calls"
    """decoys in tool calls"""
    OUTPUT = "output"
    """decoys in what leaves the sandbox"""
    TRAPS = "traps"
    """decoy files that were opened"""
    DEPARTURES = "departures"
    """attempts to leave, as the kernel counted them for a run that has ended"""
    TAMPERING = "tampering"
    """writing where the verifier is, or might be thought to be"""
    EGRESS = "egress"
    """attempts to leave, as the kernel counts them while a run goes on"""
    WALLS = "walls"
    """a sandbox that shares the host's network or processes, or has a route"""
    PROCESSES = "processes"
    """processes beside the sandboxes"""
    LISTENERS = "listeners"
    """listening sockets beside the sandboxes"""
    OUTLIVED = "outlived"
    """processes of samples that have ended"""
    TIME = "time"
    """samples and sandboxes past their time"""
    GROWTH = "growth"
    """processes and memory of all sandboxes together"""
    SILENCE = "silence"
    """no sign of life of the run, or no fresh proof"""


ALL = frozenset(Detector)
"""what a real run has; only a drill may have fewer"""
