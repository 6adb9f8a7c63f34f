"""From a folder of images and masks to a cohort: what lies there, what belongs together, what does not."""
