"""Tasks whose true distributions are known, so that every distance to them is exact."""
