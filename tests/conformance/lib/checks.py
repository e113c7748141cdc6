"""The same three lines for suites in Python; see checks.mjs."""

import sys
import traceback

count = 0
failed = 0


def check(name, body):
    global count, failed
    count += 1
    try:
        body()
    except Exception:
        failed += 1
        print(f"not ok {name}")
        print("\n".join("  # " + line for line in traceback.format_exc().splitlines()))
    else:
        print(f"ok {name}")
    sys.stdout.flush()


def end():
    print(f"1..{count}")
    sys.exit(1 if failed else 0)
