"""Reports: named questions about the ledger, each with its columns, its view, and what it leaves out and why.

for report in reports(): …                          # what there is
report_answer(warehouse, "dwell", as_of=None)       # one answer, for the command line, the console and programs
"""
