"""Pure functions that say how good scores and maps are."""
