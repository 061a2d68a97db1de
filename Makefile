# The two commands a newcomer needs are `make demo` and `make test`; both make the environment first.
PYTHON ?= python3
BIN := .venv/bin
PHOTOGRAPH ?= examples/photographs/hay_bales.jpg

REFERENCE := tests/stepsmith/expressions/jsonata/reference

# The rooms that run on every supported Python; those beside the first are tested where they are installed.
CORE := tests/conformance tests/facts $(addprefix tests/stepsmith/,asl authoring engine expressions privacy service views)
PYTEST := -m pytest --numprocesses 2 --dist worksteal

# The tests start hundreds of processes: what Python has compiled is kept for the next, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: env validators demo test test-aws-cli test-sdk test-pythons coverage check format lock bench cold-starts differential kill kill-often kill-anew model flips commits programs explore mutate checklist money waiters feed-quality clean

env: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or later is needed; try make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[^ ;]*' requirements.lock)"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch .venv/.ready

demo: env
	$(BIN)/stepsmith run image_recognition --upload $(PHOTOGRAPH) --out demo

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright & types=$$!; { $(BIN)/lint-imports && $(BIN)/stepsmith compile --check; } && wait $$types || { kill $$types 2>/dev/null; exit 1; }

# Two validators and the reference implementation of JSONata come from npm; where it is not there, their tests say so.
validators:
	! command -v npm >/dev/null || { npm ci --silent --no-fund --prefix tests/validators && npm ci --silent --no-fund --prefix $(REFERENCE); }

test: check validators
	$(BIN)/python $(PYTEST) --ignore tests/workflows
	$(BIN)/python $(PYTEST) tests/workflows --asl-coverage --asl-coverage-fail-under=100

# Lines and branches that the tests reach; slower than the tests alone.
coverage: env validators
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

# The lock holds for all of them. pyenv's versions count, whether or not they are chosen.
test-pythons: env
	@for version in 3.12 3.13; do \
		python="$$(ls "$$(pyenv root 2>/dev/null)"/versions/$$version*/bin/python 2>/dev/null | tail -n 1)"; \
		python="$${python:-$$(command -v python$$version || true)}"; \
		if [ -z "$$python" ]; then echo "Python $$version is not installed here; its tests are left out"; continue; fi; \
		echo "Python $$version"; \
		$(MAKE) --no-print-directory .venv-$$version/.ready FOUND="$$python" && \
		.venv-$$version/bin/python $(PYTEST) --quiet $(CORE) || exit 1; \
	done

.venv-%/.ready: requirements.lock pyproject.toml
	test -x .venv-$*/bin/python || $(FOUND) -m venv .venv-$*
	$(BIN)/uv pip install --quiet --python .venv-$*/bin/python --requirement requirements.lock
	$(BIN)/uv pip install --quiet --python .venv-$*/bin/python --no-deps --no-build-isolation --editable .
	touch .venv-$*/.ready

# The stepfunctions SDK has pins of its own, so its tests have an environment of their own.
test-sdk: .venv-sdk/.ready
	.venv-sdk/bin/python -m pytest tests/stepsmith/sdk

.venv-sdk/.ready: requirements-sdk.lock pyproject.toml
	test -x .venv-sdk/bin/python || $(PYTHON) -m venv .venv-sdk
	.venv-sdk/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[^ ;]*' requirements-sdk.lock)"
	.venv-sdk/bin/uv pip install --quiet --python .venv-sdk/bin/python --requirement requirements-sdk.lock
	.venv-sdk/bin/uv pip install --quiet --python .venv-sdk/bin/python --no-deps --no-build-isolation --editable .
	touch .venv-sdk/.ready

# The AWS CLI pins another botocore than boto3 has, so it has an environment of its own.
test-aws-cli: env .venv-aws-cli/bin/aws
	$(BIN)/python -m pytest tests/stepsmith/server/test_aws_cli.py

.venv-aws-cli/bin/aws:
	$(PYTHON) -m venv .venv-aws-cli
	.venv-aws-cli/bin/python -m pip install --quiet --disable-pip-version-check awscli

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv; }
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra aws --extra local --extra server --extra agents --extra image --extra labels --extra content --extra parquet --extra viz --extra notebook --group dev --generate-hashes \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra sdk --extra local --extra server --extra viz --extra notebook --group sdk-tests --generate-hashes \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" --output-file requirements-sdk.lock pyproject.toml

bench: env
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/jsonata.py
	$(BIN)/python benchmarks/compiling.py
	$(BIN)/python benchmarks/images.py
	$(BIN)/python benchmarks/workflows.py
	$(BIN)/python benchmarks/start_up.py
	$(BIN)/python benchmarks/durable.py
	$(BIN)/python benchmarks/server.py
	$(BIN)/python benchmarks/events.py
	$(BIN)/python benchmarks/simulating.py
	$(BIN)/python benchmarks/cold_start.py

# Every packaged function in a process of its own, as Lambda starts it; `make test` starts one for each set of clients.
cold-starts: env
	STEPSMITH_COLD_STARTS=all $(BIN)/python -m pytest tests/stepsmith/deploy/test_cold_start.py

# Durable executions: 40 kills for every change. For a release, KILLS at random moments, half as many inside of tasks, and
# others beside: 310 are more than 500; side by side, or by commands that begin in an interpreter each, as users' do. And
# sequences of the model; bits of a journal that are flipped one by one, and places where its log is cut; and each commit
# of each workload that fails once, in each of four ways.
kill: env
	$(BIN)/python -m tests.durability.kill 15 --lanes 4

KILLS ?= 310
kill-often: env
	$(BIN)/python -m tests.durability.kill $(KILLS) --lanes 4

kill-anew: env
	$(BIN)/python -m tests.durability.kill $(KILLS) --anew

SEQUENCES ?= 10000
model: env
	STEPSMITH_MODEL_EXAMPLES=$(SEQUENCES) $(BIN)/python -m pytest tests/stepsmith/service/durable/test_model.py

FLIPS ?= 10000
CUTS ?= 4000
flips: env
	STEPSMITH_FLIPS=$(FLIPS) STEPSMITH_CUTS=$(CUTS) $(BIN)/python -m pytest tests/stepsmith/store/test_damage.py

commits: env
	$(BIN)/python $(PYTEST) tests/stepsmith/service/durable/test_crashes.py tests/stepsmith/service/durable/test_items.py

# What can go wrong with the workflows, two things at once, for a minute each.
DEPTH ?= 2
SECONDS ?= 60
explore: env
	$(BIN)/python -m tests.workflows.explored $(DEPTH) $(SECONDS)

# So many small mistakes in each folder of tasks and in each workflow, all with SAMPLE=0; at most 5 % may go unnoticed without a reason.
SAMPLE ?= 150
SEED ?= 1
MUTATED ?= cart onboarding vending vending_pass image_recognition pictures power_tuning shared \
	$(addprefix workflows/,shopping_cart customer_onboarding delayed_vending vending_pass image_recognition power_tuning)
mutate: env
	$(BIN)/python tools/mutate.py $(MUTATED) --sample $(SAMPLE) --seed $(SEED)

# What an opponent would break of each item of the specification's checklists, and which test of the item notices it.
ITEMS ?=
checklist: env
	$(BIN)/python tools/checklist.py $(ITEMS)

# Checkouts in which tasks fail, others meddle and somebody aborts, at random, with amounts compared.
CHECKOUTS ?= 10000

money: env
	$(BIN)/python -m tests.workflows.random_checkouts $(CHECKOUTS)

# Executions of the vending pass that wait for the back end: threads, and memory of each.
WAITERS ?= 10000

waiters: env
	$(BIN)/python -m tests.workflows.waiters $(WAITERS)

# NDCG@10 of the feed beside popularity and recency, for so many made readers.
READERS_MADE ?= 200

feed-quality: env
	$(BIN)/python tools/feed_quality.py --readers $(READERS_MADE)

# Random workflow functions as plain Python and as state machines, a tenth as many over unions; half as many mutated ones.
PROGRAMS ?= 20000

programs: env
	$(BIN)/python -m tests.stepsmith.authoring.compiler.programs $(PROGRAMS)

differential: env validators
	NODE_PATH=$(REFERENCE)/node_modules $(BIN)/python -m tests.stepsmith.expressions.differential 100000
	$(BIN)/python $(REFERENCE)/../compare.py 100000
	$(BIN)/python $(REFERENCE)/../compare.py 100000 --of corners
	$(BIN)/python $(REFERENCE)/../compare.py 100000 --of mutations
	$(BIN)/python $(REFERENCE)/../compare.py 300000 --of table
	$(BIN)/python -m tests.stepsmith.authoring.compiler.programs $(PROGRAMS)
	! command -v javac >/dev/null || $(BIN)/python -m tests.stepsmith.expressions.jsonata.java.questions 10000

clean:
	rm -rf .venv .venv-* .stepsmith demo .coverage htmlcov
