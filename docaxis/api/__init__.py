"""The hub's HTTP for machines: health, metrics and the blob store; pages come later."""
