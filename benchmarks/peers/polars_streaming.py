"""Polars' streaming engine, with polars-hash for SHA-256 and HMAC."""
import os
import sys

os.environ["POLARS_MAX_THREADS"] = sys.argv[5]
import polars as pl
import polars_hash  # noqa: F401, adds the `chash` expressions

from common import COLUMNS, Job

job = Job()
TYPES = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean, "text": pl.String}


def hashing(expression):
    return polars_hash.HExpr._from_pyexpr(expression._pyexpr).chash


def mac(column, key):  # polars-hash takes keys as text only: the benchmark's are ASCII
    return hashing(pl.col(column).cast(pl.String)).hmac_sha256(key=key.decode("ascii"))


low = (pl.col("income").cast(pl.Float64) / 10_000).floor().cast(pl.Int64) * 10_000
email = mac("email", job.email_key).alias("email")
J1 = [
    mac("customer_id", job.customer_key).alias("customer_id"), email,
    hashing(pl.lit(job.salt) + pl.col("phone")).sha2_256().alias("phone"), pl.col("city"),
    pl.col("postcode").str.slice(0, 3), pl.col("country"), pl.col("birth_date").str.slice(0, 4), pl.col("gender"),
    (low.cast(pl.String) + "-" + (low + 9_999).cast(pl.String)).alias("income"), pl.col("signup_ts"),
    pl.col("marketing_consent"),
]
if job.is_json:
    schema = {column: TYPES[job.type_of(column)] for column in COLUMNS}
    pl.scan_ndjson(job.input, schema=schema).select(J1).sink_ndjson(job.output)
else:
    frame = pl.scan_csv(job.input, infer_schema=False)
    frame = {"j0": lambda: frame, "j1": lambda: frame.select(J1), "j2": lambda: frame.with_columns(email)}[job.name]()
    frame.sink_csv(job.output)
