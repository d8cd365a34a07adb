"""What can be done with cases: group, split, assess, close."""
