"""Tasks from folders, the box an agent works in, verifiers built apart, and the gates."""
