"""Networks, their weights, and the activations taken as features."""
