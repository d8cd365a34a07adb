"""`firstlight review`: a file for each part of a review."""
