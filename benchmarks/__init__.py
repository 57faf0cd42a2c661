"""What motlink claims about speed, with peers in the same run: `make bench`."""
