"""The sample set `walkway`: a fixed camera over a walkway, people who walk there, and what does not belong."""
