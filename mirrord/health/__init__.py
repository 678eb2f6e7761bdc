"""Whether the mirror is well: green, amber or red, with a sentence for each trouble."""

from mirrord.health.health import Health, Level, Trouble, health_of
from mirrord.health.signs import Disk, Link, Signs, StoreSigns

__all__ = ["Disk", "Health", "Level", "Link", "Signs", "StoreSigns", "Trouble", "health_of"]
