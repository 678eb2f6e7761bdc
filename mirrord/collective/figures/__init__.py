"""What is shown of spaces and of the world: figures that were published, and what they add up to.

Everything here is made of published figures alone, so it tells no more than they do.
"""
