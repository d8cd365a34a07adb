"""Tools without a model that try the same tasks, through the same calls, as a model does."""
