"""Spaces: homes, galleries and festivals whose mirrors show one mood together, and the world."""

from mirrord.collective.spaces.keeper import Spaces, ensure_world
from mirrord.collective.spaces.routes import SpaceRoutes

__all__ = ["SpaceRoutes", "Spaces", "ensure_world"]
