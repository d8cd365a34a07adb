"""What people can do about defensive tools: offer, ask, decide, use."""
