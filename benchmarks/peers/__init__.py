"""Veille and its peers side by side: python -m benchmarks.peers [--only NAME ...] [--json FILE].

The same texts and the same weights for all. The texts are the passages that Veille cuts, and each document of a
benchmark whole (its title, a line break, its text); the weights those of the bundled model, in float32, as a folder in
sentence-transformers layout. Each peer runs in a virtual environment of its own with pinned versions, driven as its own
documentation shows (`drivers`), offline and without telemetry, in processes that do nothing else.

What differs is said in the notes of `roster`: Veille cuts the documents of a benchmark into passages, where peers embed
the first 512 tokens of each; semantra takes files alone, and cuts them itself. "query: " and "passage: " stand before
what is embedded everywhere, as the model wants it.
"""
