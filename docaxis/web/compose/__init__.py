"""Writing a document and sending it, for agencies that have a web endpoint here."""
