"""Passages become an index on disk: embeddings, FAISS vectors, SQLite facts, immutable generations."""
