"""One function per thing a person can do: lock, authorise, decide, store, record."""
