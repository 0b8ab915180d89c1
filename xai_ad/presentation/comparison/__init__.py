"""A comparison to take away: one picture, one page, one table of its figures."""
