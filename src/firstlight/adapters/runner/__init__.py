"""A stateless HTTP service around the sandbox, its client, and a child process that serves it."""
