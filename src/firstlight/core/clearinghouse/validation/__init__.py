"""Does the flaw show? Targets, oracles that printed text cannot fool, and outcomes."""
