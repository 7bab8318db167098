"""The hub's measure: `./hub bench`; what it does and how to read it stands in docs/benchmark.md."""
