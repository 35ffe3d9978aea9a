"""Builds on many machines: reading, cutting and encoding as stages of Ray Data. Nothing here is imported unasked."""
