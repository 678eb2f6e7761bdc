"""Why the room is as it is: the chain from a face to a command, now and in the past."""
