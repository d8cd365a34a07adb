"""Workers: trusted, with the database, running no untrusted code."""
