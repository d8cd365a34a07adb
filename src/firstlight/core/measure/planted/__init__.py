"""Small programs of our own with one planted flaw each, made from a secret seed."""
