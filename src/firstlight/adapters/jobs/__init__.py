"""Workers: run each job at least once, also when a worker dies.

On SQLite by leases on the job's row (`lease`), on PostgreSQL through Procrastinate
(`procrastinate_queue`). Both try through `trying` and pass the same suite (`conformance`).
"""
