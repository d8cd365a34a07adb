"""What happens in a review is told to whom it concerns."""
