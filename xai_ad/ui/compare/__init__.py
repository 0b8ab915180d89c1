"""Page Compare: one picture, explained by several models and methods side by side."""
