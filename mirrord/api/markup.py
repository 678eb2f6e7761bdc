"""HTML as a tree, so that no text can become markup."""

from __future__ import annotations

from xml.etree import ElementTree as ET

Child = ET.Element | str


def tag(name: str, *children: Child, **attributes: str) -> ET.Element:
    """Return an element; `class_` and `for_` lose their underscore, others become dashes."""
    names = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    element = ET.Element(name, names)
    last: ET.Element | None = None
    for child in children:
        if isinstance(child, ET.Element):
            element.append(child)
            last = child
        elif last is None:
            element.text = (element.text or "") + child
        else:
            last.tail = (last.tail or "") + child
    return element


def page(html: ET.Element) -> bytes:
    """Return a whole document."""
    text = ET.tostring(html, encoding="unicode", method="html")  # built by us, not parsed
    return b"<!doctype html>\n" + text.encode()
