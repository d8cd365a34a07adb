"""Patches: what makes a proposed patch a verified one."""
