# mdrive: one command for everything.
#
#   make demo      three drives gossip files to one another over pipes, and the outcome is shown
#   make test      all tests (FILTER=Name runs the suites whose name matches)
#   make check     what CI runs: format lint, tidy, build without warnings, tests, guard
#   make build     debug build of everything
#   make release   release build of the program
#   make install   the release program into PREFIX/bin (/usr/local)
#   make format    rewrite the sources in the project's format
#   make bench     benchmarks of every module (FILTER=Module runs one)
#   make guard     counts allocations, system calls and commits of fixed work (RECORD=yes keeps them)
#   make compare   the program beside rsync, git and others (LINE=2 runs one line, REPEAT=5)
#   make growth    how costs grow with files, sizes and writers (REPEAT=3)
#   make fuzz      fuzz every decoder and state machine (SECONDS=60 each, TARGET=name runs one)
#   make simulate  many drives under accidents and liars, in release (SEEDS=1000 from FIRST=1 on;
#                  SEED=n runs one)
#   make clean     remove what was built
#
# demo, test and build install a missing C library themselves, or say in one line what to install.

SWIFT ?= swift
FILTER ?=
PREFIX ?= /usr/local
PROGRAM_TESTS = mdriveTests|DriveNetworkingTests
CONFIGURATION ?= debug
RECORD ?=
LINE ?=
REPEAT ?= 5
ARGUMENTS ?=
SECONDS ?= 60
TARGET ?=
SEEDS ?= 1000
FIRST ?= 1
SEED ?=
COMPARE = cd Benchmarks && \
	"$$($(SWIFT) build --configuration release --show-bin-path)/Compare"
LINKING ?= $(if $(filter Linux,$(shell uname)),$(shell sh Scripts/linking.sh "$(CURDIR)/.build/linking"))
SOURCES = Package.swift Sources Tests Examples Benchmarks Fuzz

.PHONY: demo test check build release install format lint tidy guard bench compare growth compare-tool fuzz simulate clean libraries

demo: libraries
	$(SWIFT) build --product mdrive
	MDRIVE="$$($(SWIFT) build --show-bin-path)/mdrive" sh Examples/demo.sh

# The tests that start programs run apart: they wait for others, which a busy process starves.
test: libraries
ifeq ($(FILTER),)
	$(SWIFT) test --disable-xctest --skip '$(PROGRAM_TESTS)'
	$(SWIFT) test --disable-xctest --filter '$(PROGRAM_TESTS)'
else
	$(SWIFT) test --disable-xctest --filter '$(FILTER)'
endif

# TESTED=yes leaves out the tests, for who has just run them.
check: libraries lint tidy build guard $(if $(TESTED),,test)

build: libraries
	$(SWIFT) build --build-tests

# The Swift libraries go into the program, which then starts in a third of the time and needs no Swift.
release: libraries
	$(SWIFT) build --configuration release --product mdrive $(LINKING)

install: release
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 "$$($(SWIFT) build --configuration release --show-bin-path)/mdrive" \
		"$(DESTDIR)$(PREFIX)/bin/mdrive"

format:
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

tidy: libraries
	$(SWIFT) test --disable-xctest --filter TidyTests

# CONFIGURATION=release counts the optimized code, which has bounds of its own.
guard: libraries
	$(SWIFT) build --configuration $(CONFIGURATION) --product Guard
	"$$($(SWIFT) build --configuration $(CONFIGURATION) --show-bin-path)/Guard" \
		$(if $(RECORD),--record) Tests/Guard/bounds.tsv

bench: libraries
	cd Benchmarks && $(SWIFT) package benchmark $(if $(FILTER),--filter "$(FILTER).*")

# ARGUMENTS="--page ../docs/performance.md" puts the tables into that page.
compare-tool: release
	cd Benchmarks && $(SWIFT) build --configuration release --product Compare

compare: compare-tool
	$(COMPARE) $(if $(LINE),--line "$(LINE)") --repeat "$(REPEAT)" $(ARGUMENTS)

growth: compare-tool
	$(COMPARE) --growth --repeat "$(REPEAT)" $(ARGUMENTS)

fuzz: libraries
	SWIFT="$(SWIFT)" SECONDS_EACH="$(SECONDS)" TARGET="$(TARGET)" sh Fuzz/run.sh

# The same seed makes the same run only if hashing is the same, too.
simulate: libraries
	MDRIVE_SEEDS=$(SEEDS) MDRIVE_FIRST_SEED=$(FIRST) $(if $(SEED),MDRIVE_SEED=$(SEED)) SWIFT_DETERMINISTIC_HASHING=1 \
		$(SWIFT) test --configuration release --scratch-path .build/simulate \
		-Xswiftc -enable-testing --disable-xctest --filter 'DriveSimulation|LiarSimulation'

clean:
	$(SWIFT) package clean
	rm -rf Benchmarks/.build Fuzz/.build

libraries:
	@sh Scripts/libraries.sh
