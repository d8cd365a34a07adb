"""How figures are computed. Only modules that need it load numpy, and only when they are used."""
