"""Arms run over folds: everything is learned on the training rows, out come predictions."""
