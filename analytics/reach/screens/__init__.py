"""The screens of reach in the admin: one file for each."""
