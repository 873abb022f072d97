"""The fixed tables that may leave the building, and how they leave it."""
