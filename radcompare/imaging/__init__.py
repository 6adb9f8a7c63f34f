"""Images and masks: reading, checking, the slice and window a network sees, and the phantom cohort."""
