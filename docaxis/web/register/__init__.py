"""The register of incoming documents: numbers of the year without gaps, who has what, print and CSV."""
