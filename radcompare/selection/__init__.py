"""Feature selectors, one file each, and the discretisation they share."""
