# DKube: an MLOps platform that is nothing but a Kubernetes API. `make help` lists what there is.
# One non-recursive Makefile; sources are found by wildcard, so a new file needs no rule.
MODE ?= dev
ifeq ($(origin CC),default)
CC := gcc
endif
B := build/$(MODE)$(if $(findstring clang,$(CC)),-clang)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1.0)
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

WARN := -Wall -Wextra -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wwrite-strings -Wpointer-arith -Wformat=2 -Wshadow -Wswitch-enum
HARDEN = $(if $(filter sim,$(MODE)),,$(HARDENED))
HARDENED := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fPIE
CFLAGS_dev := -O1 -g -Werror
CFLAGS_release := -O2 -g1 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
CFLAGS_asan := -O1 -g -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -DARENA_MALLOC -DPOISON_VIEWS
CFLAGS_tsan := -O1 -g -Werror -fsanitize=thread
CFLAGS_cov := -O0 -g --coverage
CFLAGS_fuzz := -O1 -g -Werror -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -DARENA_MALLOC -DPOISON_VIEWS -DLIBFUZZER
CFLAGS_mutant := -O0
CFLAGS_sim := -O3 -g1 -Wno-maybe-uninitialized -DSIM_FAST -fno-strict-aliasing -fno-semantic-interposition -flto=auto -fno-plt
LDFLAGS_sim := -O3 -flto=2
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
LDFLAGS_cov := --coverage
LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined

PKGS := libcurl json-c yaml-0.1 libcrypto libssl libwebsockets libpq libgit2
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's,-I/usr/include/json-c,,')
Q := $(if $(V),,@)

ALL_CFLAGS := -std=gnu17 -D_GNU_SOURCE -DDKUBE_VERSION='"$(VERSION)"' -Ilib -I. -Itest $(PKG_CFLAGS) $(WARN) $(HARDEN) \
	-ffunction-sections -fdata-sections -ffile-prefix-map=$(CURDIR)=. $(CFLAGS_$(MODE)) $(CFLAGS)
ALL_LDFLAGS := -pie -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed \
	$(LDFLAGS_$(MODE)) $(LDFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS)) -lpthread -lm

# Link order follows lib/LAYERS, users before what they use.
LAYERS := controllers kube store git pg serve api http yaml json base
lib_src = $(if $(filter controllers,$(1)),$(sort $(wildcard controllers/*/*.c)),$(sort $(wildcard lib/$(1)/*.c)))
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
ARCHIVES := $(foreach l,$(LAYERS),$(if $(call lib_src,$(l)),$(B)/lib/lib$(l).a))
PROGRAMS := $(filter-out probe,$(notdir $(patsubst %/,%,$(sort $(wildcard cmd/*/)))))
BINS := $(PROGRAMS:%=$(B)/bin/%) $(B)/bin/kubectl_complete-dkube $(if $(wildcard cmd/probe/main.c),$(B)/bin/probe)
SUPPORT := $(sort $(wildcard test/support/*.c test/sim/api/*.c))
TEST_SOURCES := $(sort $(wildcard test/unit/*.c test/spec/*.c test/prop/*.c test/fuzz/*.c))
TESTS := $(patsubst test/%.c,$(B)/test/%,$(TEST_SOURCES))
TOOLS := $(patsubst test/%.c,$(B)/test/%,$(sort $(wildcard test/faults/*.c test/integration/*.c))) \
	$(B)/test/faults/clock.so $(B)/test/sim $(B)/test/sim-conformance

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

# The runtime alone, for programs elsewhere: no kinds of ours.
NATIVE := $(shell sed -n '/^kinds:/,/^[a-z]/s/^  \([A-Z][A-Za-z]*\):$$/\1/p' lib/api/native.yaml | tr A-Z a-z)
RUNTIME_SRC := $(filter-out %.gen.c,$(foreach l,kube serve api http yaml json base,$(call lib_src,$(l)))) \
	$(NATIVE:%=lib/api/%.gen.c) lib/api/proto.gen.c
RUNTIME := $(B)/lib/libdkube-runtime.a

help: ## list the targets
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  \1|\2/p' $(MAKEFILE_LIST) | sort | column -ts'|'

all: $(BINS) ## build every program (MODE=dev, release, asan, tsan or cov) into build/$MODE/bin
tests: $(TESTS) $(TOOLS) ## build the test programs

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo '  CC $<'
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

define archive_rule
$(B)/lib/lib$(1).a: $(call obj,$(call lib_src,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@.$$$$$$$$ && ar Drcs $$@.$$$$$$$$ $$^ && mv $$@.$$$$$$$$ $$@
endef
$(foreach l,$(LAYERS),$(eval $(call archive_rule,$(l))))

$(RUNTIME): $(call obj,$(RUNTIME_SRC))
	@mkdir -p $(@D)
	@rm -f $@ && ar Drcs $@ $^

install-lib: $(RUNTIME) ## the runtime for controllers elsewhere: headers, one archive, a .pc file (PREFIX, DESTDIR)
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' hack/install-lib $(RUNTIME) '$(VERSION)'

define program_rule
$(B)/bin/$(1): $(call obj,$(sort $(wildcard cmd/$(1)/*.c))) $(ARCHIVES)
	@mkdir -p $$(@D)
	@echo '  LD $$@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p))))

# kubectl looks for this name to complete `kubectl dkube …`
$(B)/bin/kubectl_complete-dkube: $(B)/bin/kubectl-dkube
	@ln -sf kubectl-dkube $@

$(B)/bin/probe: cmd/probe/main.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -Os $(WARN) -static -s -o $@ $<

$(B)/test/%: $(B)/obj/test/%.o $(call obj,$(SUPPORT)) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS) -lcmocka

# The simulator: its loop stands in for lib/http/loop.c, so it is linked by itself.
$(B)/test/sim: $(call obj,$(sort $(wildcard test/sim/*.c)) $(SUPPORT)) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS) -lcmocka

$(B)/test/faults/clock.so: test/faults/shim/clock.c
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE -O1 -g $(WARN) -fPIC -shared -o $@ $< -ldl

$(B)/test/faults/faultproxy $(B)/test/faults/pgproxy: $(call obj,$(sort $(wildcard test/faults/proxy/*.c)))

$(B)/test/sim-conformance: $(call obj,$(sort $(wildcard test/sim/conformance/*.c)) $(SUPPORT)) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS) -lcmocka

# --- tests: unit, spec and property tests under ASan+UBSan, threads under TSan, the rest for real ----------
C_TESTS := $(patsubst test/%.c,%,$(TEST_SOURCES))
THREAD_TESTS := $(filter unit/loop unit/serve unit/http unit/kubeconfig unit/metrics unit/shell unit/store,$(C_TESTS))
INTEGRATION := $(patsubst test/%.c,$(CURDIR)/build/dev/test/%,$(sort $(wildcard test/integration/*.c))) \
	$(sort $(wildcard $(CURDIR)/test/integration/*.t))
stage = $(foreach t,$(2),$(1):$(t))
staged = $(foreach t,$(1),$(firstword $(subst /, ,$(t))):$(CURDIR)/build/$(2)/test/$(t))

test-build: ## build the programs and tests in the modes that `make test` uses
	@hack/deps build
	$(MAKE) MODE=dev all tests
	$(MAKE) MODE=asan tests
	$(if $(THREAD_TESTS),$(MAKE) MODE=tsan $(THREAD_TESTS:%=build/tsan/test/%))

test: test-build ## everything: unit, spec, property, integration, faults, and one end-to-end run with real pods
	@hack/deps cluster test demo
	@hack/kube-build
	@hack/run-tests $(call staged,$(C_TESTS),asan) $(call staged,$(THREAD_TESTS),tsan) \
		$(call stage,external,$(sort $(wildcard $(CURDIR)/test/external/*.t))) \
		$(call stage,sim,$(sort $(wildcard $(CURDIR)/test/sim/*.t))) \
		$(call stage,integration,$(INTEGRATION)) \
		$(call stage,faults,$(sort $(wildcard $(CURDIR)/test/faults/*.t))) \
		$(call stage,e2e,$(sort $(wildcard $(CURDIR)/test/e2e/*.t)))

test-quick: test-build ## unit, spec and property tests only
	@hack/run-tests $(call staged,$(C_TESTS),asan) $(call staged,$(THREAD_TESTS),tsan)

test-integration: ## integration tests against a real kube-apiserver and etcd
	$(MAKE) MODE=dev all tests
	@hack/kube-build
	@hack/run-tests $(call stage,integration,$(INTEGRATION))

test-k8s: ## the integration tests against another release: make test-k8s K8S=1.36 (or a patch release)
	@test -n "$(K8S)" || { echo "say which release: make test-k8s K8S=1.36" >&2; exit 2; }
	$(MAKE) MODE=dev all tests
	@version=$$(hack/kube-build --newest $(K8S)) && hack/kube-build --version $$version etcd kube-apiserver \
		kube-controller-manager kubectl && \
		K8S_VERSION=$$version hack/run-tests $(call stage,integration,$(INTEGRATION))

SCHEDULES ?= 20000
SEED ?= 1
JOBS ?= 2
sim: ## simulated schedules with faults: SCHEDULES=20000 SEED=1 JOBS=2; resumes; writes build/faults/sim.json
	@$(MAKE) --no-print-directory MODE=sim build/sim/test/sim
	@mkdir -p build/faults
	@nice build/sim/test/sim --schedules $(SCHEDULES) --seed $(SEED) --jobs $(JOBS) --keep build/faults/sim.runs \
		--json build/faults/sim.json

FAULTS_MINUTES ?= 60
FAULTS_LANES ?= 2
faults: ## the fault campaign: all plans that are possible, FAULTS_MINUTES=60 on FAULTS_LANES=2 lanes; resumes
	@hack/deps build cluster
	$(MAKE) MODE=dev all tests
	@hack/kube-build
	@test/faults/run --campaign --minutes $(FAULTS_MINUTES) --lanes $(FAULTS_LANES)

N ?= 100000
sim-conformance: ## N=100000 random requests to the simulated API server and to a real one
	$(MAKE) MODE=dev build/dev/test/sim-conformance
	@hack/kube-build
	@REQUESTS=$(N) SEED=$(SEED) test/integration/sim-conformance.t

bench-scan: ## GB/s of the push scanner beside json-c; writes build/bench/scan.json
	@$(MAKE) --no-print-directory MODE=release build/release/test/bench/scan
	@build/release/test/bench/scan

bench-plan: ## one pass of the ledger, 10,000 runs in the queue over 1,000 nodes; writes build/bench/plan.json
	@$(MAKE) --no-print-directory MODE=release build/release/test/bench/plan
	@build/release/test/bench/plan

TRACE ?= ../shared/traces/philly.csv
bench-trace: ## the queue on a real trace of jobs, TRACE=jobs.csv: each policy with each estimate; writes build/bench/trace.json
	@test -r $(TRACE) || { echo "say which trace: make bench-trace TRACE=jobs.csv" >&2; exit 2; }
	@$(MAKE) --no-print-directory MODE=release build/release/bin/dkube-sim
	@test/bench/trace.py $(TRACE)

BENCH := $(patsubst %,build/release/test/bench/%,operator replay gen noop floor scan)
bench-runtime: ## the runtime beside controller-runtime and kube; BENCH_RUNS=5 BENCH_MINUTES=30 SECTIONS="idle sync …" FRESH=1 SOAK=full DOCS=1
	@hack/deps build bench
	@$(MAKE) --no-print-directory MODE=release all $(BENCH)
	@hack/kube-build
	@test/bench/rivals/build
	@test/bench/runtime.py $(if $(DOCS),--docs) $(if $(FRESH),--fresh) $(SECTIONS)

FUZZ_S ?= 60
FUZZ_TARGETS := $(patsubst test/fuzz/%.c,%,$(sort $(wildcard test/fuzz/*.c)))
fuzz-build:
	@hack/deps fuzz
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang $(FUZZ_TARGETS:%=build/fuzz-clang/test/fuzz/%)

fuzz: fuzz-build ## every fuzz target in turn under libFuzzer (clang), FUZZ_S=60 seconds each; FUZZ=yaml for one
	@hack/fuzz $(FUZZ_S) $(or $(FUZZ),$(FUZZ_TARGETS))

# Those that run our programs; the others look at manifests or build for themselves.
COVERING := $(filter-out %/crds.t %/policies.t %/demo-down.t %/sim-conformance.t %/tutorial.t,$(INTEGRATION))
.PHONY: coverage
coverage: ## lines of lib/ and branches of queue, cache and framing that the tests reach; fails below 90 %
	@hack/deps build test && hack/kube-build
	$(MAKE) MODE=cov all tests
	@find build/cov -name '*.gcda' -delete
	@BUILD=$(CURDIR)/build/cov FUZZ_ROUNDS=5 PROP_SEEDS=50 hack/run-tests $(call staged,$(C_TESTS),cov) \
		$(call stage,integration,$(subst build/dev,build/cov,$(COVERING))); tests=$$?; hack/coverage && exit $$tests

.PHONY: mutants
MUTANTS ?= 320
mutants: ## change the code at random, MUTANTS=320 times, and once for each rule: do the tests notice?
	@hack/deps build
	@test/faults/mutants.py --rules; rules=$$?; test/faults/mutants.py --count $(MUTANTS) && exit $$rules

lint: ## format, layers, sizes, banned calls, shell, generated files, invariants
	@hack/deps lint
	@hack/lint

format: ## apply .clang-format
	git ls-files -- 'lib/*.[ch]' 'controllers/*.[ch]' 'cmd/*.[ch]' 'test/*.[ch]' | grep -v '\.gen\.' | xargs clang-format -i

generate: ## write lib/api/*.gen.* from crds/ and manifests/*.yaml from the kustomizations
	hack/gen-api
	hack/gen-docs
	hack/manifests

manifests: ## write manifests/crds.yaml, install.yaml and install-all.yaml for kubectl apply -f
	hack/manifests

# --- the demo ----------------------------------------------------------------------------------------
demo: ## from a bare machine to a prediction: a cluster, a training run, an endpoint, its lineage
	@hack/demo up

demo-down: ## remove all that `make demo` made
	@hack/demo down

kubeconfig: ## print the demo cluster's kubeconfig path
	@hack/cluster kubeconfig

lineage-url: ## print the demo's PostgreSQL URL
	@hack/demo lineage-url

images: ## build the one container image with all programs, from build/release; hack/images makes the demo's others
	$(MAKE) MODE=release all
	@hack/images build dkube

clean: ## remove build/
	rm -rf build

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
.PHONY: help all install-lib tests clean test-build test test-quick test-integration test-k8s lint format generate \
	sim sim-conformance faults bench-scan bench-plan fuzz fuzz-build manifests demo demo-down kubeconfig lineage-url images
