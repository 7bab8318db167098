"""How fast a directory of 123,000 agencies loads and an addressee routes: `python -m tests.bench.routing_speed`."""

import csv
import gc
import io
import random
import sys
import time
from datetime import date

from docaxis.backends.directory_files import shipped
from docaxis.domain.directory import Directory
from docaxis.domain.directory_csv import read_agencies
from docaxis.domain.envelope import MessageHeader, Organization
from docaxis.domain.routing import Route, route

PROVINCES, COMMUNES, UNITS = 34, 98, 36
DAY = date(2026, 1, 1)


def directory_text() -> str:
    """Return a CSV of 34 provinces, 98 communes each, 36 units under each: 123,317 agencies with both code forms."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("organ_id", "name", "level", "branch", "parent", "aliases", "valid_from", "source"))
    rows.writerow(("G22", "Văn phòng Chính phủ", "central", "government", "", "000.00.00.G22", "", "made"))
    for province in (f"H{number:02d}" for number in range(1, PROVINCES + 1)):
        rows.writerow((province, "Tỉnh", "provincial", "government", "", f"000.00.00.{province}", "", "made"))
        for commune in range(COMMUNES):
            code = f"{province}.C{commune:02d}"
            rows.writerow((code, "Xã", "communal", "government", province, "", "2025-07-01", "made"))
            for unit in range(UNITS):
                alias = f"001.{commune:02d}.{unit:02d}.{province}"
                rows.writerow((f"{code}.{unit:02d}", "Đơn vị", "communal", "government", code, alias, "", "made"))
    return out.getvalue()


def main() -> None:
    """Print wall and CPU time of loading, and microseconds an addressee for several kinds of package."""
    small, policy = shipped()
    text = directory_text()
    wall, cpu = time.perf_counter(), time.process_time()
    agencies = read_agencies(text)
    endpoints = {f"H{number:02d}": f"e-h{number:02d}" for number in range(1, PROVINCES + 1)}
    directory = Directory.build(agencies, small.levels, endpoints | {"G22": "e-g22"}, small.branches)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sys.stdout.write(f"{len(directory)} agencies, {len(text) / 1e6:.1f} MB: {wall:.2f} s wall, {cpu:.2f} s CPU\n")
    # As a hub does after loading: otherwise every full collection walks the whole directory.
    gc.freeze()
    codes = random.Random(1).sample(sorted(set(directory.agencies) - {"G22"}), 1000)
    for title, sender, to in (
        ("8 agencies from the centre", "G22", codes[:8]),
        ("8 agencies from a unit of a commune", "H01.C01.01", codes[:8]),
        ("1,000 agencies", "G22", codes),
        ("all provinces", "G22", ["LIST.PROVINCES"]),
        ("all communes of a province", "G22", ["LIST.COMMUNES.H05"]),
    ):
        header = MessageHeader(Organization(sender), tuple(map(Organization, to)), "id", "subject")
        found = route(header, directory, policy, DAY)
        if not isinstance(found, Route):
            raise SystemExit(str(found))
        count = len(found.addressees)
        times = []
        for _ in range(max(20, 4000 // count)):
            begun = time.process_time()
            route(header, directory, policy, DAY)
            times.append(time.process_time() - begun)
        best, middle = min(times) / count * 1e6, sorted(times)[len(times) // 2] / count * 1e6
        sys.stdout.write(f"{title}: {count} addressees, {best:.1f} µs each at best, {middle:.1f} µs in the middle\n")


if __name__ == "__main__":
    main()
