# Everything a person does with the project. `make run` and `make test` are all the set-up there is.

.DEFAULT_GOAL := help
CARGO ?= cargo

.PHONY: help run test test-rust test-clients lint format bench fuzz docs clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Build everything and start Executor at http://localhost:4788
	$(CARGO) build --release --bin executor
	./target/release/executor serve

test: ## Install what the tests need and run them all
	./scripts/test

lint: ## Formatting, lints, the documentation's links, licences and sources of dependencies
	./scripts/lint

format: ## Format the code
	$(CARGO) fmt --all

bench: ## Measure; see bench/README.md
	./bench/run

fuzz: ## Attack every parser of foreign input, 20 s each; FUZZ_SECONDS says how long
	./fuzz/run

docs: ## Build the documentation of the crates
	$(CARGO) doc --workspace --no-deps --document-private-items

clean: ## Remove what was built
	$(CARGO) clean
	rm -rf tests/clients/node_modules
