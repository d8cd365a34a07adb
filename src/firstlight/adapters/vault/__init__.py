"""Keys and sealed documents, outside the database and its backups."""
