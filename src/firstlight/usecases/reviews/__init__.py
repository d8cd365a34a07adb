"""What people do in a voluntary review."""
