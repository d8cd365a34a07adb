"""The order's duties and deadlines as data, and their state on any day."""
