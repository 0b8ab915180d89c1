"""Training one's own model as a job: what it trains on, what it takes, how it runs, and what became of it."""
