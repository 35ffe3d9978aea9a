"""The vector index by the number of passages: how quick, how much memory, what it finds, with filters and without.

Passages of a real index are multiplied (benchmarks/sizes/corpus.py). Each kind is written as a build writes it, opened
in a process of its own, and asked one question at a time by one thread.

python -m benchmarks.sizes --index DIR --work DIR
"""
