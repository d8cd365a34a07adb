"""One module for each noun, imported when the noun is used."""
