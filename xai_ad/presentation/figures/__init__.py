"""What a figure can show, and how it is drawn."""
