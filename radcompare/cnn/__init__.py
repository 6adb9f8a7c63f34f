"""Networks trained on the cohort itself: their design, their pictures, their training."""
