"""The live socket: what is new in the database, told to everybody who follows it.

The bus only says that there is something new; what it is comes from the database, in its order. So
nothing is told twice or left out, whichever process stored it, and however the bus fares.
"""

from mirrord.collective.live.part import Live

__all__ = ["Live"]
