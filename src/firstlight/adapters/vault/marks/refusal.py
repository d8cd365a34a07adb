"""Why a PDF is not marked; the values are exit codes of the child that reads it."""

from __future__ import annotations

from enum import IntEnum


class Refusal(IntEnum):
    """A reason with a sentence of its own."""

    ENCRYPTED = 20
    """it is encrypted or asks for a password"""
    NO_PAGES = 21
    """it has no pages"""
    TOO_MANY_PAGES = 22
    """it has too many pages"""
    ATTACHMENTS = 23
    """other files are attached to it, which would go out without a mark"""
    DYNAMIC_FORM = 24
    """it is a dynamic form (XFA), whose content is drawn by the viewer"""
    OUT_OF_MEMORY = 25
    """it needs too much memory"""


SENTENCES = {
    Refusal.ENCRYPTED: "the PDF is encrypted",
    Refusal.NO_PAGES: "the PDF has no pages",
    Refusal.TOO_MANY_PAGES: "the PDF has too many pages",
    Refusal.ATTACHMENTS: "files are attached to the PDF, and they would go out unmarked",
    Refusal.DYNAMIC_FORM: "the PDF is a dynamic form (XFA), which its viewer draws",
    Refusal.OUT_OF_MEMORY: "the PDF needs too much memory",
}
