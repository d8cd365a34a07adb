"""What a person can do with the record of a run."""
