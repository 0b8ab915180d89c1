"""What depends on the computer at hand: its allocator, threads, measured speeds, and the user's own folder."""
