# tests.mk - checks, tests, fuzzing, measurements
#
# The programs of tests are built in the flavours test and fuzz, below $(BUILD)/test and $(BUILD)/fuzz;
# tests/run runs them, and the scripts, layer by layer.

# --- built in the flavour test: one program for each tests/unit/x_test.c, with all of core and applets -----

UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*_test.c))

ifneq ($(FLAVOUR),release)
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(ARCHIVES)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(LINK) -o $@ $< $(LIBS) -lcmocka
endif

.PHONY: unit-programs
unit-programs: $(UNIT)
UNIT_OBJECTS := $(patsubst $(BUILD)/unit/%,$(BUILD)/obj/tests/unit/%.o,$(UNIT))
.SECONDARY: $(UNIT_OBJECTS)
-include $(UNIT_OBJECTS:.o=.d)

# --- built in the flavour release, for arm64: the same programs of the objects and the libc that are shipped ----

ifeq ($(FLAVOUR),release)
CMOCKA = $(eval CMOCKA := $$(or $$(lastword $$(shell CACHE='$(CACHE)' SRC='$(SRC)' tools/fetch cmocka)),$$(error \
	the unit tests need the sources of cmocka)))$(CMOCKA)
CMOCKA_HAVE := INTTYPES_H MALLOC_H SIGLONGJMP SIGNAL_H STRINGS_H STRSIGNAL STRUCT_TIMESPEC CLOCK_REALTIME \
	GCC_THREAD_LOCAL_STORAGE
UNIT_COMMON := $(BUILD)/obj/cmocka.o $(BUILD)/obj/tests/unit/arena.o

# a type that cmocka would guess where libc is not glibc
$(UNIT_OBJECTS) $(BUILD)/obj/cmocka.o: private CPPFLAGS += -D_UINTPTR_T -isystem $(CMOCKA)/include
$(UNIT_OBJECTS) $(UNIT_COMMON): private CFLAGS += -fno-lto

$(BUILD)/obj/cmocka.o: $(NEEDS) tools/lock | $(ORDER)
	$(call say,CC,cmocka)
	$(Q)mkdir -p $(@D) && $(COMPILE) -w $(CMOCKA_HAVE:%=-DHAVE_%) -c -o $@ $(CMOCKA)/src/cmocka.c

# everything goes through LTO once, not once for each program
$(BUILD)/whole.o: $(ARCHIVES)
	$(call say,LINK,$@)
	$(Q)$(CC) $(filter-out -W% -flto-partition=one,$(CFLAGS)) -r -nostdlib -flinker-output=nolto-rel -o $@ \
		-Wl,--whole-archive $^ -Wl,--no-whole-archive

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(UNIT_COMMON) $(BUILD)/whole.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) -static -no-pie -nostdlib -Wl,--gc-sections -o $@ $(MUSL_LIB)/crt1.o $(MUSL_LIB)/crti.o \
		$^ $(END)

# tests/run needs it
.PHONY: emulator
emulator:
	@command -v qemu-aarch64-static >/dev/null || { echo "qemu-user-static is missing: run 'make deps test'" >&2; exit 1; }
endif

# --- built in the flavour fuzz: one program for each tests/fuzz/x_fuzz.c ------------------------------------

FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/harness/%,$(wildcard tests/fuzz/*_fuzz.c))

$(BUILD)/harness/%: $(BUILD)/obj/tests/fuzz/%.o $(ARCHIVES)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(LINK) -fsanitize=fuzzer -o $@ $< $(LIBS)

# libFuzzer declares its entry point nowhere
$(BUILD)/obj/tests/fuzz/%.o: CFLAGS += -Wno-missing-prototypes

.PHONY: fuzz-programs
fuzz-programs: $(FUZZ)
FUZZ_OBJECTS := $(patsubst $(BUILD)/harness/%,$(BUILD)/obj/tests/fuzz/%.o,$(FUZZ))
.SECONDARY: $(FUZZ_OBJECTS)
-include $(FUZZ_OBJECTS:.o=.d)

# --- what people call ---------------------------------------------------------------------------------------

TEST_MAKE = $(MAKE) FLAVOUR=test BUILD=$(BUILD)/test
FUZZ_MAKE = $(MAKE) FLAVOUR=fuzz BUILD=$(BUILD)/fuzz
RUN = BUILD=$(BUILD) tests/run
PROFILES := agent initramfs instance client full

.PHONY: unit check test demo fuzz bench size format commands compile_commands.json

# T=NAME: only tests/unit/NAME_test.c
unit:
	+$(Q)$(TEST_MAKE) $(if $(T),$(BUILD)/test/unit/$(T)_test,unit-programs)
	$(Q)$(RUN) unit

check:
	+$(Q)$(MAKE) all
	+$(Q)$(TEST_MAKE) unit-programs
	$(Q)$(RUN) checks unit

test: sizes arm64
	+$(Q)$(MAKE) all
	+$(Q)$(TEST_MAKE) all unit-programs
	+$(Q)$(FUZZ_MAKE) fuzz-programs
	+$(Q)$(MAKE) packages PACKAGE_ARCHES=x86_64 >/dev/null
	$(Q)FUZZ_SECONDS=$(or $(FUZZ_SECONDS),3) FUZZ_SEED=$(or $(FUZZ_SEED),1) $(RUN) checks binary unit applets asan arm64 interop fuzz demo

demo:
	@tools/demo --check
	+$(Q)$(MAKE) all
	@root=$$(tools/unpack openssh-server) && tools/demo $(abspath $(BUILD))/eicbox "$$root"

# both commands of the README on a bare Debian that debootstrap makes; not part of test, which it runs
.PHONY: fresh
fresh:
	tests/fresh demo test

fuzz:
	+$(Q)$(FUZZ_MAKE) fuzz-programs
	$(Q)FUZZ_SECONDS=$(or $(FUZZ_SECONDS),30) $(RUN) fuzz

bench:
	+$(Q)$(MAKE) all $(BUILD)/bench/measure
	@echo '| measurement | runs | CPU ms | wall ms | memory KiB | peer: CPU ms | wall ms | memory KiB | CPU ratio |'
	@echo '|---|---|---|---|---|---|---|---|---|'
	$(Q)for b in $(filter-out %/lib.sh %/footprint.sh,$(wildcard tests/bench/*.sh)); do \
		BUILD=$(abspath $(BUILD)) TOP=$(CURDIR) EICBOX=$(abspath $(BUILD))/eicbox $$b || exit 1; done
	+$(Q)$(MAKE) packages PACKAGE_ARCHES=x86_64 >/dev/null
	@echo
	$(Q)tests/bench/footprint.sh $(PACKAGES)

$(BUILD)/bench/measure: tests/bench/measure.c
	$(Q)mkdir -p $(@D) && gcc -std=gnu11 -O2 -Wall -Wextra -o $@ $<

# what the boot test of arm64 boots, and what qemu-user runs
.PHONY: arm64
arm64:
	+$(Q)$(MAKE) ARCH=aarch64 BUILD=$(BUILD)/arm64 initramfs_defconfig
	+$(Q)$(MAKE) ARCH=aarch64 BUILD=$(BUILD)/arm64 all
	+$(Q)$(MAKE) ARCH=aarch64 BUILD=$(BUILD)/arm64/everything everything_defconfig
	+$(Q)$(MAKE) ARCH=aarch64 BUILD=$(BUILD)/arm64/everything all unit-programs emulator

.PHONY: sizes
sizes:
	+$(Q)for p in $(PROFILES); do \
		$(MAKE) BUILD=$(BUILD)/size/$$p $${p}_defconfig && \
		$(MAKE) BUILD=$(BUILD)/size/$$p all || exit 1; done

size: sizes
	$(Q)tools/size $(BUILD)/size

SOURCES = $(wildcard core/*/*.[ch] applets/*.[ch] applets/*/*.[ch] tests/*.[ch] tests/*/*.[ch] tools/*.[ch])
format:
	$(Q)clang-format -i $(SOURCES)

# the flags are those of the flavour test, which compiles every file
compile_commands.json:
	+$(Q)$(TEST_MAKE) commands
	$(Q)mv $(BUILD)/test/commands $(BUILD)/$@
	@echo $(BUILD)/$@

commands: $(NEEDS) $(ORDER)
	$(Q)printf '%s\n' $(filter %.c,$(SOURCES)) | dir='$(CURDIR)' flags="$$(head -n 1 $(BUILD)/gen/flags | sed 's/["\\]/\\&/g')" \
		awk 'BEGIN { print "[" } END { print "\n]" } { printf "%s{\"directory\": \"%s\", \"file\": \"%s\", \
			\"command\": \"%s -c %s\"}", (NR > 1 ? ",\n" : ""), ENVIRON["dir"], $$1, ENVIRON["flags"], $$1 }' \
		>$(BUILD)/$@
