"""The clearinghouse: from a reported finding to a released advisory."""
