"""What Raspberry Pi OS calls picamera2, as far as a camera needs it: the same calls, in the same
order, with the same surprises. Configured by the environment, as a camera is by its cable:
FAKE_PI_CAMERA is "", "none" (no camera), "busy", or what comes after three frames: "breaks" or
"hangs".
"""

import os
import time

import numpy as np


class Picamera2:
    opened = 0

    def __init__(self, camera_num=0):
        if os.environ.get("FAKE_PI_CAMERA") == "none":
            raise IndexError("list index out of range")  # its real answer to a missing camera
        if Picamera2.opened or os.environ.get("FAKE_PI_CAMERA") == "busy":
            raise RuntimeError("Failed to acquire camera: Device or resource busy")
        Picamera2.opened += 1
        self._size = None
        self._running = False
        self._frames = 0

    def create_video_configuration(self, main={}, controls={}):  # noqa: B006 - as the original
        assert main["format"] == "RGB888"
        assert controls["FrameRate"] > 0
        return {"main": main, "controls": controls}

    def configure(self, configuration):
        self._size = configuration["main"]["size"]
        self._period_s = 1 / configuration["controls"]["FrameRate"]

    def start(self):
        assert self._size, "configure comes first"
        self._running = True

    def capture_array(self, name="main"):
        assert self._running
        assert name == "main"
        time.sleep(self._period_s)
        self._frames += 1
        if os.environ.get("FAKE_PI_CAMERA") == "hangs" and self._frames > 3:
            time.sleep(3600)
        if os.environ.get("FAKE_PI_CAMERA") == "breaks" and self._frames > 3:
            raise RuntimeError("Camera frontend has timed out!")
        frame = np.zeros((self._size[1], self._size[0], 3), np.uint8)
        frame[..., 0] = 200  # "RGB888" has blue first
        return frame

    def stop(self):
        self._running = False

    def close(self):
        Picamera2.opened -= 1
