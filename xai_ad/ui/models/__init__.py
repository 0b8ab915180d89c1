"""What page Models draws."""
