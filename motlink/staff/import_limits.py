"""How much a staff list may hold: far more than any practice has, and less than a machine minds."""

MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_CELLS = 1_000_000
# A spreadsheet's cell ends at 32,767 characters.
LONGEST_CELL = 32_000
# What the reader may answer, in bytes.
MOST_OUTPUT = 60_000_000
# Its last word; an answer without it was cut off.
DONE = "done"

# A workbook is a zip: what may come out of one, and of how many parts it may be.
MOST_UNPACKED = 200_000_000
MOST_PARTS = 1_000
# XML of a list packs about 1 : 15; only what is long is held to it.
MOST_RATIO, LONG = 100, 10_000_000

TOO_LARGE = "This file is larger than 20 MB."
TOO_HEAVY = (
    "This file needs more memory than a staff list would. Save the list alone as a new file and try again."
)
TOO_SLOW = "Reading this file takes too long. Save the list alone as a new file and try again."
BROKEN = "This workbook cannot be read. Open it in a spreadsheet, save it as a new .xlsx and try again."
EMPTY = "This file is empty."
TOO_MANY_ROWS = f"This file has more than {MOST_ROWS:,} rows."
TOO_MANY_COLUMNS = f"This file has more than {MOST_COLUMNS} columns."
TOO_MANY_CELLS = f"This file has more than {MOST_CELLS:,} cells."
