"""Isolated runs: one command, or one experiment, where it can reach and change nothing else."""
