"""Write what the package pythermalcomfort says of comfort: python scripts/comfort_table.py FILE

It compiles all its models when it is imported, 10 s of processor time, so the tests compare with
this table instead. Run it where `pip install pythermalcomfort` has been run.
"""

import csv
import sys
from importlib.metadata import version

from pythermalcomfort.models import pmv_ppd_iso

AIR_C = [16 + step / 2 for step in range(29)]
HUMIDITY = range(10, 91, 10)


def main(path: str) -> None:
    """Write one line for each air and humidity, as the mirror takes clothing and movement."""
    with open(path, "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["air_c", "humidity", "pmv", "ppd", version("pythermalcomfort")])
        for air_c in AIR_C:
            for humidity in HUMIDITY:
                said = pmv_ppd_iso(
                    tdb=air_c, tr=air_c, vr=0.1, rh=humidity, met=1.2, clo=0.7,
                    limit_inputs=False, round_output=False,
                )  # fmt: skip
                table.writerow([air_c, humidity, f"{said.pmv:.6f}", f"{said.ppd:.6f}"])


if __name__ == "__main__":
    main(sys.argv[1])
