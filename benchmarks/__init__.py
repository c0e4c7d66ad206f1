"""How good and how fast the matching is. `make bench` runs all of it; see `__main__`."""
