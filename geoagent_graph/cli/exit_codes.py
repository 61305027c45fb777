"""What the exit status of `geoagent` says."""

ANSWERED = 0
FAILED = 1
USAGE = 2
ABSTAINED = 3
WAITING = 4
INTERRUPTED = 130
BROKEN_PIPE = 141  # what a shell reports for a writer whose reader has gone

EXPLAINED = (
    "Exit status: 0 answered; 3 no place is claimed; 4 a case waits for a reply; 2 wrong usage; "
    "1 failure; 130 interrupted. "
    "Over several photos: 1 if any failed, else 3 if none was answered, else 0."
)
