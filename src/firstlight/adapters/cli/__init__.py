"""The command line. Imports no Django; what works on the server itself is handed in as a host."""
