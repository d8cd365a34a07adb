"""Measuring what a model can do: tasks and outcomes; record, statistics, designation, statement."""
