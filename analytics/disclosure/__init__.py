"""What may be shown to whom: suppression and rounding of tables of counts. No Django, no database."""
