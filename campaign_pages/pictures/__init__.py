"""What happens to a picture between somebody's phone and our store: it is opened, checked and drawn anew."""
