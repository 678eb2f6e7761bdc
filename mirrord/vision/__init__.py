"""The room with the pixels: from a camera to readings. Runs as a process of its own."""
