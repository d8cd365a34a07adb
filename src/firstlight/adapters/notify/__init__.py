"""Telling people outside: e-mail, as a file or through a mail server."""
