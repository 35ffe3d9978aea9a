"""How well an index answers: a benchmark in, measures out."""
