# Every command that a person or CI runs. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help demo demo-down dev test e2e lint sim mutants faults bench generate cluster-up cluster-down images

CARGO ?= cargo
KUBERNETES = $(CARGO) run --quiet --package e2e --bin kubernetes --
TIERS ?=
WORKLOADS ?=
CASES ?=
ROUNDS ?= 3
SEEDS ?= 1000
BROKERS ?= 3
PORT ?= 9092
DATA_DIR ?= $(CURDIR)/target/dev

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## everything once on a real Kubernetes: install, produce, kill a broker, check (needs root)
	@$(CARGO) run --quiet --package e2e --bin demo

demo-down: cluster-down ## remove the demo and its Kubernetes

dev: ## run BROKERS brokers on loopback, from client port PORT on, data in DATA_DIR
	$(CARGO) run --release -p broker-server -- dev --brokers $(BROKERS) --port $(PORT) --data-dir $(DATA_DIR)

test: ## run every test tier (some: make test TIERS="unit process")
	@./xtask/prerequisites.sh
	@$(CARGO) xtask test $(TIERS)

e2e: ## run the tests on a real Kubernetes (needs root)
	@$(CARGO) xtask test e2e

lint: ## check formatting, lints, the edges between crates and the sources
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --features operator-controller/api-server -- -D warnings
	$(CARGO) xtask tidy

sim: ## simulate the quorum, and brokers with clients, for SEEDS seeds (make sim SEEDS=10000)
	SEEDS=$(SEEDS) $(CARGO) test --release -p broker-raft --test simulation -- --nocapture
	SEEDS=$(SEEDS) $(CARGO) test --profile fast -p broker-sim --test simulation -- --nocapture

mutants: ## make deliberate mistakes, and list by what each is found: the tests of the tests
	@$(CARGO) xtask mutants

faults: ## put real faults to real brokers: CASES, all by default, ROUNDS times each (root runs all of them)
	$(CARGO) build --profile fast -p broker-server -p broker-faults
	$(CARGO) run --quiet --profile fast -p broker-faults -- --rounds $(ROUNDS) --page docs/faults.md $(addprefix --case ,$(CASES))

bench: ## measure WORKLOADS beside Apache Kafka, all by default, into docs/benchmarks.md (leave the machine alone)
	$(CARGO) build --release -p broker-server -p broker-bench
	$(CARGO) run --quiet --release -p broker-bench -- --page docs/benchmarks.md $(addprefix --workload ,$(WORKLOADS))

generate: ## write the generated code again: codec and resource definitions
	$(CARGO) xtask generate
	UPDATE_EXPECT=1 $(CARGO) test --quiet --package crds

cluster-up: ## start a Kubernetes of three nodes on this machine, without docker (needs root)
	@$(KUBERNETES) up

cluster-down: ## end that Kubernetes and remove all of it
	@$(KUBERNETES) down

images: ## build the images of broker and operator, and bring them to the nodes if that Kubernetes is up
	@$(KUBERNETES) images
