"""Duplicates: which findings are the same flaw, why, and how a person can say otherwise."""
