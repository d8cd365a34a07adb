"""What can be done with advisories: draft, approve, publish, withdraw."""
