"""One tap at the end: does it talk to you, or wind you up? Past a limit the creative is flagged and its posts held."""
