"""Rows, stores, queries, migrations: what is kept, on SQLite or PostgreSQL.

Rules:
- A row never is the model: `translate` turns rows into core values and back, nowhere else.
- No work in `save()`, no signals. Writing goes through `unit`, reading for people through
  `queries`.
- Errors of the database leave through `border` as ours.
- Organisations and people live in `identity`; rows here name them by identifier, without a key.
"""
