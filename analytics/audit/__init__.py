"""Who did what with protected data: an append-only log whose rows are sealed to each other."""
