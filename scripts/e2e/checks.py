"""What a stage holds: each check is counted and said; at the end, whether all held and enough of them ran."""

import sys

passed, failed = 0, []


def check(name, holds, detail=""):
    """One thing that must hold, and what to look at where it does not."""
    global passed
    if holds:
        passed += 1
        print(f"ok: {name}")
    else:
        failed.append(name)
        print(f"FAILED: {name}: {str(detail)[:1500]}")


def finish(least):
    """Ends the stage; fewer checks than this is a failure too."""
    print(f"{passed} held, {len(failed)} did not")
    sys.exit(1 if failed or passed < least else 0)
