"""Sealed suites: tasks on disk as ciphertext alone, in clear only in memory and on a tmpfs."""
