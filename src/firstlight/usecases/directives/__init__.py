"""The register of duties: read it as of a day, record what shows how a duty stands."""
