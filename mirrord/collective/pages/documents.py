"""Where the documents, scripts, styles and words of the pages are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mirrord.pages.files import Shelf

FILES: Final = Shelf(Path(__file__).with_name("static"))
LOCALE: Final = Path(__file__).with_name("locale")
