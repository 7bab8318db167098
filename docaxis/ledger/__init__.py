"""The record of what was done: events in canonical form and the Merkle tree over them; pure, standard library only."""
