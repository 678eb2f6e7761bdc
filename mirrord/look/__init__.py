"""`mirrord look`: what is seen in pictures and films that are given by name."""
