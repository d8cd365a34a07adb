"""What can be done with patches: propose, verify."""
