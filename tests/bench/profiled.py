"""`python -m tests.bench.profiled FILE ARGS…`: `docaxis ARGS…`, under cProfile by CPU time from the first SIGUSR1 on.

So the start is not in the statistics, nor is waiting.
"""

import cProfile
import signal
import sys
import time

from docaxis.cli import main

if __name__ == "__main__":
    file = sys.argv.pop(1)
    profile = cProfile.Profile(time.process_time)
    signal.signal(signal.SIGUSR1, lambda *_: profile.enable())
    try:
        main()
    finally:
        profile.disable()
        profile.dump_stats(file)
