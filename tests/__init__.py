"""Tests: a folder for each of the three packages; data/ and quality/ are what the gate is."""
