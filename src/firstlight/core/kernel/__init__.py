"""Words that every context shares: identifiers, time, parties, markings, the ledger, errors."""
