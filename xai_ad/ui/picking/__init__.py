"""Which picture a page shows, and under which settings: what every page that judges a picture offers alike."""
