"""The voluntary review (Executive Order 14409, 3(b)): access for up to 30 days, and no veto."""
