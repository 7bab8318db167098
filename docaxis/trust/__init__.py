"""Trust in a package: the XML signature profile `docaxis-1`, certificates, revocation and the hub's own seal. Pure."""
