"""One store per noun, each over the transaction of the running unit of work."""
