# SPDX-License-Identifier: GPL-2.0
#
# cgspan: one cgroup tree that spans a cluster.
#
# To use it:
#	make			userspace, and the module for the running kernel
#	make install		DESTDIR=, PREFIX=/usr; the module too, if it was built
#	make dkms-install	the module by DKMS: built again for every new kernel
#	make user | module	one of the two; KDIR=/path/to/headers, W=1, C=2
#
# To try and to test it (Debian 12; each target installs what it needs, and runs
# machines in QEMU without KVM):
#	make demo		three machines, one tree, faults, and an oracle
#	make vm			a shell in a machine with the module; K=6.12
#	make check		everything below, and a count
#	make check-unit		no root, no machine
#	make check-style	checkpatch, sparse, layers, words, shellcheck
#	make check-vm		the kernel's tests on Debian's 6.1 and 6.12, five files
#				of them on 6.12 with PREEMPT_RT too
#	make check-cluster	several machines, etcd, faults
#	make check-faults	schedules of faults: SCHEDULES=3 SEED=7 (default:
#				random), and what else tests/cluster/faults reads
#	make check-controls	the same with a broken rule, which must be noticed
#	make check-debug	the kernel's tests on PREEMPT_RT, under KASAN, lockdep
#				and kmemleak, and under KCSAN; K=6.12-rt, K=kasan or
#				K=kcsan: one of the three
#	make check-fuzz		valid and invalid netlink messages under KASAN;
#				MESSAGES=1000000 SEED=1
#	make check-latency	forks, and interrupts off, beside a hostile client, in
#				instructions; MANY=1000000
#	make check-trace	bpftrace and perf on the module's events
#	make sim		compare policies on up to 1,000 nodes; SEEDS=10
#	make sim SCALE=1	on 10,000 and 100,000 nodes too, in cells
#	make sim FAULTS=1	the ledger in a world of faults; SEEDS=10000
#	make check-model	the lease protocol, searched exhaustively
#	make bench		what the module costs, in instructions
#	make bench-starve	how long a starved node waits for a free share;
#				ROUNDS=50
#	make deps		Debian's packages that these need (only the missing ones)
#	make clean

KDIR	?= /lib/modules/$(shell uname -r)/build
K	?= 6.1
# tests/vm/kernels names them all: those that Debian has built, those of check-debug.
KERNELS	:= $(shell awk '/^[^\#]/ && $$2 != "built" { print $$1 }' tests/vm/kernels)
DEBUG	:= $(shell awk '/^[^\#]/ && $$4 != "-" { print $$1 }' tests/vm/kernels)
DEBUG	:= $(or $(filter $(K),$(DEBUG)),$(DEBUG))
MODULES	?= build/kernel
CACHE	:= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/cgspan
VERSION	:= $(shell sed -n 's/^VERSION[[:space:]]*:= //p' user/Makefile)

BUILD_DEPS := gcc make libc6-dev pkg-config libelf1 pahole \
	libmnl-dev libjson-c-dev libcurl4-openssl-dev libsqlite3-dev libsystemd-dev libkmod-dev \
	libsmartcols-dev
TEST_DEPS := qemu-system-x86 e2fsprogs cpio kmod iproute2 socat openssh-client \
	bats stress-ng jq gojq sqlite3 strace procps xxd curl openssl \
	etcd-server etcd-client busybox-static libnl-genl-3-dev sparse xz-utils perl \
	shellcheck ca-certificates bsdextrautils gnuplot-nox trace-cmd \
	python3-yaml python3-jsonschema
DEBUG_DEPS := flex bison bc libelf-dev

MAKEFLAGS += --no-print-directory
JOBS	:= -j$(shell nproc)

all: user $(if $(wildcard $(KDIR)/Makefile),module)
	@$(if $(wildcard $(KDIR)/Makefile),:,echo "  (no module:" \
		"$(KDIR) is not there; linux-headers-$$(uname -r) has it)")

user:
	@$(MAKE) -C user

# kbuild writes beside its sources: each kernel has a folder with links to them.
release = sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h
module:
	@[ -e $(KDIR)/include/generated/utsrelease.h ] || { \
		echo "make: no kernel headers in KDIR=$(KDIR)" >&2; exit 1; }
	@dir=$(MODULES)/$$($(release)) && \
	mkdir -p $$dir && \
	cp -rsf $(CURDIR)/Kbuild $(CURDIR)/kernel $(CURDIR)/include $$dir && \
	find $$dir -xtype l -delete && \
	flock $$dir $(MAKE) -C $(KDIR) M=$(CURDIR)/$$dir modules

# A module of the tests, which hooks what ours has hooked.
wrap:
	@dir=build/wrap/$$($(release)) && \
	mkdir -p $$dir && \
	cp -sf $(CURDIR)/tests/vm/wrap/* $$dir && \
	flock $$dir $(MAKE) -C $(KDIR) M=$(CURDIR)/$$dir modules

install:
	@$(MAKE) -C user install
	@dir=$(MODULES)/$$($(release) 2>&-); [ ! -e $$dir/cgspan.ko ] || \
		$(MAKE) -C $(KDIR) M=$(CURDIR)/$$dir \
			$(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) modules_install

dkms-install:
	install -d /usr/src/cgspan-$(VERSION)
	cp -r Kbuild kernel include /usr/src/cgspan-$(VERSION)
	sed 's/#MODULE_VERSION#/$(VERSION)/' user/dkms/dkms.conf \
		>/usr/src/cgspan-$(VERSION)/dkms.conf
	dkms install cgspan/$(VERSION)

# ---- what tests need ----

deps: build/deps
build/deps: Makefile
	@tests/deps $(BUILD_DEPS) $(TEST_DEPS)
	@mkdir -p build && touch $@

kernels: build/deps
	@tests/vm/fetch

checkpatch: build/deps
	@tests/vm/fetch checkpatch

modules: kernels
	@for k in $(KERNELS); do \
		[ ! -e $(CACHE)/kernels/$$k/release ] || \
		$(MAKE) -s $(JOBS) module wrap KDIR=$(CACHE)/kernels/$$k/build W=1e || exit; \
	done

# Everything that a virtual machine contains.
machine: modules
	@$(MAKE) -s $(JOBS) -C user all test
	@$(MAKE) -s -C tests/vm/prog

asan: build/deps
	@$(MAKE) -s $(JOBS) -C user all asan test

# ---- tests ----

check: asan machine checkpatch
	@tests/run vm cluster style unit	# the longest first

check-unit: asan
	@tests/run unit

check-style: modules checkpatch
	@tests/run style

check-vm: machine
	@tests/run vm

check-cluster: machine
	@tests/run cluster

check-faults: machine
	@tests/cluster/faults

check-controls: machine
	@tests/cluster/controls

debug-kernels: machine
	@tests/deps $(DEBUG_DEPS)
	@tests/vm/fetch $(DEBUG)
	@for k in $(filter-out $(KERNELS),$(DEBUG)); do \
		[ ! -e $(CACHE)/kernels/$$k/release ] || \
		$(MAKE) -s $(JOBS) module wrap KDIR=$(CACHE)/kernels/$$k/build || exit; \
	done

check-debug: debug-kernels
	@K="$(DEBUG)" tests/run debug

check-fuzz: DEBUG := kasan
check-fuzz: debug-kernels
	@tests/fuzz/run $(or $(MESSAGES),1000000) $(or $(SEED),1)

check-latency: DEBUG := irqsoff
check-latency: debug-kernels
	@VM_ICOUNT=1 tests/vm/run -k 6.12 -c 1 -t 1800 tests/vm/hostile.bats
	@VM_ICOUNT=1 CGSPAN_MANY=$(or $(MANY),20000) \
		tests/vm/run -k irqsoff -c 1 -m 1024 -t 7200 tests/vm/hostile.bats

check-trace: machine
	@tests/deps bpftrace linux-perf
	@tests/run trace

check-model: build/deps
	@tests/deps spin
	@tests/model/run

sim: build/deps
	@$(MAKE) -s -C user sim
	@SEEDS=$(SEEDS) FAULTS=$(FAULTS) SCALE=$(SCALE) tests/sim/run

bench: machine
	@tests/deps bpftrace
	@tests/bench/run

bench-starve: build/deps
	@$(MAKE) -s -C user $(addprefix $(CURDIR)/build/user/,starve memory/cgspand memory/cgspan)
	@tests/starve/run

demo: machine
	@tests/demo/run

vm: machine
	@tests/vm/vm shell -k $(K)

clean:
	rm -rf build

.PHONY: all user module wrap install dkms-install deps kernels checkpatch modules \
	machine asan check check-unit check-style check-vm check-cluster \
	check-faults check-controls debug-kernels check-debug check-fuzz check-trace \
	check-latency check-model sim bench bench-starve demo vm clean
