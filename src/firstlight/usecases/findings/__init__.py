"""What can be done with findings: submit, validate."""
