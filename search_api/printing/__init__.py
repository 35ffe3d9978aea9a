"""How results, builds and the facts of an index look on a terminal."""
