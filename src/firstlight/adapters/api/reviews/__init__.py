"""The voluntary review over HTTP.

Launching, withdrawing, closing, stopping a window and revoking a grant take no precondition: they
are possible at once, whatever anybody else has changed meanwhile.
"""
