# DKube: an MLOps platform that is nothing but a Kubernetes API. `make help` lists what there is.
# One non-recursive Makefile; sources are found by wildcard, so a new file needs no rule.
MODE ?= dev
ifeq ($(origin CC),default)
CC := gcc
endif
B := build/$(MODE)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1.0)
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

WARN := -Wall -Wextra -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wwrite-strings -Wpointer-arith -Wformat=2 -Wshadow -Wswitch-enum
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fPIE
CFLAGS_dev := -O1 -g -Werror
CFLAGS_release := -O2 -g1 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
CFLAGS_asan := -O1 -g -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -DARENA_MALLOC -DPOISON_VIEWS
CFLAGS_tsan := -O1 -g -Werror -fsanitize=thread
CFLAGS_cov := -O0 -g --coverage
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
LDFLAGS_cov := --coverage

ALL_CFLAGS := -std=gnu17 -D_GNU_SOURCE -DDKUBE_VERSION='"$(VERSION)"' -Ilib -I. -Itest $(PKG_CFLAGS) $(WARN) $(HARDEN) \
	-ffunction-sections -fdata-sections -ffile-prefix-map=$(CURDIR)=. $(CFLAGS_$(MODE)) $(CFLAGS)
ALL_LDFLAGS := -pie -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed \
	$(LDFLAGS_$(MODE)) $(LDFLAGS)
PKGS := libcurl json-c yaml-0.1 libcrypto libssl libwebsockets libpq libgit2
PKG_CFLAGS := $(shell pkg-config --cflags libcurl json-c yaml-0.1 libcrypto libssl libwebsockets libpq libgit2 2>/dev/null)
LIBS = $(shell pkg-config --libs $(PKGS)) -lpthread

# Link order follows lib/LAYERS, users before what they use.
LAYERS := controllers kube store git pg serve api http yaml json base
lib_src = $(if $(filter controllers,$(1)),$(sort $(wildcard controllers/*/*.c)),$(sort $(wildcard lib/$(1)/*.c)))
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
ARCHIVES := $(foreach l,$(LAYERS),$(if $(call lib_src,$(l)),$(B)/lib/lib$(l).a))
PROGRAMS := $(filter-out probe,$(notdir $(patsubst %/,%,$(sort $(wildcard cmd/*/)))))
BINS := $(PROGRAMS:%=$(B)/bin/%) $(if $(wildcard cmd/probe/main.c),$(B)/bin/probe)
SUPPORT := $(sort $(wildcard test/support/*.c))
TESTS := $(patsubst test/%.c,$(B)/test/%,$(sort $(wildcard test/unit/*.c test/spec/*.c test/prop/*.c)))
TOOLS := $(patsubst test/%.c,$(B)/test/%,$(sort $(wildcard test/faults/*.c test/integration/*.c)))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

help: ## list the targets
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  \1|\2/p' $(MAKEFILE_LIST) | sort | column -ts'|'

all: $(BINS) ## build every program (MODE=dev, release, asan, tsan or cov) into build/$MODE/bin
tests: $(TESTS) $(TOOLS) ## build the test programs

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

define archive_rule
$(B)/lib/lib$(1).a: $(call obj,$(call lib_src,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar Drcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call archive_rule,$(l))))

define program_rule
$(B)/bin/$(1): $(call obj,$(sort $(wildcard cmd/$(1)/*.c))) $(ARCHIVES)
	@mkdir -p $$(@D)
	$(CC) $(ALL_LDFLAGS) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p))))

$(B)/bin/probe: cmd/probe/main.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -Os $(WARN) -static -s -o $@ $<

$(B)/test/%: $(B)/obj/test/%.o $(call obj,$(SUPPORT)) $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS) -lcmocka

clean: ## remove build/
	rm -rf build

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
.PHONY: help all tests clean
