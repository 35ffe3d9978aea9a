"""What makes an engine a service that many can ask at once: queue, cache, limits, keys, metrics, logs."""
