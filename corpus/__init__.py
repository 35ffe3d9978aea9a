"""What an article is, and how it becomes passages. Knows nothing of vectors."""
