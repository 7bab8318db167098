"""`python -m tests.bench.profiled FILE ARGS…`: `docaxis ARGS…` under cProfile by CPU time, so that waiting does not count."""

import cProfile
import sys
import time

from docaxis.cli import main

if __name__ == "__main__":
    file = sys.argv.pop(1)
    profile = cProfile.Profile(time.process_time)
    try:
        profile.runcall(main)
    finally:
        profile.dump_stats(file)
