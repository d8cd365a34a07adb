"""Measure: tasks and suites, outcomes, and what may be concluded from them."""
