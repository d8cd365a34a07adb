"""The outbound guard at work: every message and document on its way out, and what a person decides.

Core decides about a text; here it is told what is sealed and who reads, and its answer is kept.
"""
