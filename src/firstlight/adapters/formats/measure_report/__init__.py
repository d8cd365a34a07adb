"""The report of a run as one HTML file: no script, no font, no picture from elsewhere."""
