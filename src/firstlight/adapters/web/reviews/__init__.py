"""Pages of the voluntary review."""
