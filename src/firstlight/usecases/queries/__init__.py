"""Reads, each of which requires its reader."""
