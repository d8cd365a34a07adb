"""Planted programs as tasks: their files, and the way from these files to a task and a target."""
