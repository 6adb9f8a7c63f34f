"""Whether a stored run still comes out: what changed beneath it, and what that changes in its numbers."""
