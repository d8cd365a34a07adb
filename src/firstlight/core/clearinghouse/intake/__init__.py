"""Intake: what makes a report complete, and what is still to come."""
