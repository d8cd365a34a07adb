"""Uses of endpoints: where they are, who has a key, who is present, what was used, how to stop."""
