"""What to fix first and by when, with the path that led to each answer and what was assumed."""
