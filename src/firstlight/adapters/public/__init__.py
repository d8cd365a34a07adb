"""The public zone's own server: files, and OSV's query API over them. No database, no secret."""
