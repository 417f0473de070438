# Benchmarks; included by the Makefile. See benchmarks/README.md.
#   make bench SIZE=1m JOBS=j0,j1 PEERS=polars,duckdb RUNS=5 OUT=/dev/shm WRITE=benchmarks/BENCHMARKS.md
.PHONY: bench bench-check bench-data bench-anonymity

bench: build ## times Veil beside its peers
	benchmarks/bench.py $(if $(SIZE),--size $(SIZE)) $(if $(JOBS),--jobs $(JOBS)) $(if $(PEERS),--peers $(PEERS)) \
	  $(if $(RUNS),--runs $(RUNS)) $(if $(OUT),--out $(OUT)) $(if $(WRITE),--write $(WRITE))

bench-check: build ## compares instructions and allocations with benchmarks/budgets.json; UPDATE=1 rewrites it
	benchmarks/check.py $(if $(JOBS),--jobs $(JOBS)) $(if $(UPDATE),--update)

bench-data: ## makes the benchmarks' input
	benchmarks/bench.py --data-only $(if $(SIZE),--size $(SIZE))

bench-anonymity: build ## measures k-anonymity on Adult, beside the figures to reach
	benchmarks/anonymity.py
