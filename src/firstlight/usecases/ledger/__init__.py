"""What can be done with the ledger: checkpoint and export. Appending is `context.record`."""
