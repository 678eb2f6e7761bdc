"""Why the room is as it is: the whole chain, from the expression to the devices. Pure."""
