"""Speed, measured: `make bench` writes docs/benchmarks.md."""
