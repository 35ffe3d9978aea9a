"""The stores of the peers by the number of passages: the vectors of benchmarks/sizes given to each as they are.

Each is built and asked in an environment of its own (benchmarks/peers), driven as its documentation shows for vectors
that were made elsewhere, with its defaults. It is asked by a process that has one core. No text is kept or embedded.

python -m benchmarks.stores --index DIR --work DIR --peers DIR
"""
