"""The nouns of the program, each a table on disk: cohort, features, predictions, results."""
