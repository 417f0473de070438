"""HMAC-SHA-256 of every cell of some columns, with Python's hmac. usage: tokens.py KEY-IN-HEX INPUT COLUMN…

Prints CSV: one row a record, one token a column, empty cells empty.
"""
import csv
import hmac
import sys

key, path, columns = bytes.fromhex(sys.argv[1]), sys.argv[2], sys.argv[3:]
with open(path, encoding="utf-8-sig", newline="") as file:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in csv.DictReader(file):
        writer.writerow([hmac.digest(key, row[c].encode(), "sha256").hex() if row[c] else "" for c in columns])
