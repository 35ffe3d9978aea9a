"""The HTTP contract: what a request may say and what an answer holds, each with an example."""
