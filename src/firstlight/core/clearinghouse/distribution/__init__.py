"""Distribution: what may leave for the public zone."""
