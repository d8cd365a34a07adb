"""The machine that the command line runs on: part of the composition root.

`machine.Machine` implements the command line's `Host`; each file beside it does one kind of work.
"""
