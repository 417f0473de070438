VEIL := .build/release/veil

.PHONY: help setup build demo demo-principles test quick sanitize sanitize-address sanitize-thread lint fmt bless reference clean

help: ## shows this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## installs what the build needs and is not there yet
	@scripts/setup.sh

build: setup ## builds .build/release/veil
	swift build -c release --product veil --static-swift-stdlib --disable-local-rpath

demo: build ## runs the marketing export on made-up customers and shows some of it
	@scripts/demo.sh $(VEIL)

demo-principles: build ## walks through the ten principles on made-up customers
	@scripts/demo-principles.sh $(VEIL)

test: build ## builds all and runs every test, against the release binary where one is run
	@scripts/test.sh $(VEIL)

# Suites about stages, by their name or by where they stand.
empty :=
space := $(empty) $(empty)
stage_suites := Stage $(basename $(notdir $(wildcard Tests/VeilEngineTests/Stages/*Tests.swift)))

quick: setup ## builds for debugging and runs the tests of stages, for the loop of edit and test
	env -u VEIL_BIN swift test --disable-xctest --filter '$(subst $(space),|,$(stage_suites))|stagesOfThePage'

sanitize: sanitize-address sanitize-thread ## runs every test under AddressSanitizer, then ThreadSanitizer

sanitize-address: setup ## runs every test under AddressSanitizer
	scripts/sanitize.sh address

sanitize-thread: setup ## runs every test under ThreadSanitizer, which must see a planted race first
	scripts/sanitize.sh thread

c_sources = $(wildcard Sources/C*/*.c Sources/C*/*.h Sources/C*/include/*.h)

lint: ## checks the format of all Swift, and of all C where clang-format is installed
	swift format lint --strict -r Sources Tests Package.swift
	@if command -v clang-format > /dev/null; then clang-format --dry-run --Werror $(c_sources); fi

fmt: ## formats all Swift, and all C where clang-format is installed
	swift format -i -r Sources Tests Package.swift
	@if command -v clang-format > /dev/null; then clang-format -i $(c_sources); fi

bless: build ## rewrites the expected outputs of pipelines; review the difference
	@scripts/bless.sh $(VEIL)

reference: setup ## renews the list in docs/stages.md from the catalogue of a debug build
	swift build --product veil
	@scripts/reference.sh .build/debug/veil

clean: ## removes what was built and exported
	rm -rf .build pipelines/out

.PHONY: fuzz stress

fuzz: setup ## fuzzes each target for FUZZ_SECONDS (600) under AddressSanitizer
	@scripts/fuzz.sh

stress: build ## kills, faults, hostile input and planted values at full length
	@scripts/stress.sh $(VEIL)

include benchmarks/bench.mk
