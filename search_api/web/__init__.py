"""The page at /: its template, its words, its style and its scripts."""
