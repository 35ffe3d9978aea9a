"""Vectors in Milvus: the second implementation of what FAISS does in this process."""
