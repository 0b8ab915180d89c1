"""Page Train: one's own pictures become a model."""
