"""What the JSON of a review looks like."""
