"""The outbound guard: what of a message may leave the confidential zone, and by which rule."""
