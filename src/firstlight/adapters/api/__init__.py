"""The HTTP API below /api/v1/: translates requests into use cases, and answers into JSON."""
