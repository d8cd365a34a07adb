"""Wire formats: bytes to core types and back, without input or output."""
