"""Advisories: drafting from a case, approval, go-live."""
