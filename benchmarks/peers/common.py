"""What the peers share: the jobs' columns, the keys, and how each is called.

    python PEER.py JOB INPUT OUTPUT KEYS THREADS      JOB is j0, j1, j2 or j1n
"""
import os
import sys

COLUMNS = ("customer_id email full_name phone street city postcode country birth_date gender income ip signup_ts "
           "marketing_consent notes").split()
J1_COLUMNS = "customer_id email phone city postcode country birth_date gender income signup_ts marketing_consent".split()
# The types of NDJSON's values; in CSV all is text.
JSON_TYPES = {"customer_id": "integer", "income": "number", "marketing_consent": "boolean"}


class Job:
    def __init__(self):
        self.name, self.input, self.output, keys, threads = sys.argv[1:6]
        self.input, self.output = os.path.abspath(self.input), os.path.abspath(self.output)
        self.is_json = self.name == "j1n"
        self.threads = int(threads)
        self.email_key, self.customer_key, salt = (
            open(os.path.join(keys, name), "rb").read() for name in ("email.key", "customer_id.key", "phone.key"))
        self.salt = salt.decode("ascii")

    def type_of(self, column):
        return JSON_TYPES.get(column, "text") if self.is_json else "text"


def pads(key):
    """HMAC's two blocks (RFC 2104), for engines that know SHA-256 but not HMAC. The key is at most 64 bytes."""
    block = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)
