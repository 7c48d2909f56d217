# Makefile - builds, tests and installs eicbox; `make help` lists the targets
#
# Read on in tools/thirdparty.mk (what comes from Debian) and tools/tests.mk (checks and tests).
#
#	BUILD=DIR     where everything that is made goes (build)
#	CACHE=DIR     third-party sources and their compiled form, shared by all builds
#	SRC=DIR       a folder with the tarballs of tools/lock, instead of the Debian mirror
#	ARCH=NAME     the machine that the binary is for
#	FLAVOUR=NAME  release, test or fuzz (see below)
#	V=1           show whole commands;  WERROR=0  warnings do not end the build

# as many jobs as the machine has processors, unless somebody said how many
JOBS := $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# `make deps TARGET...` installs what the targets need (without any: what all need), then makes them;
# make has to start afresh for that, because configuration and sources are looked up at the start
ifneq ($(filter deps,$(MAKECMDGOALS)),)
AFTER_DEPS := $(filter-out deps,$(MAKECMDGOALS))
.PHONY: deps $(AFTER_DEPS)
deps:
	@ARCH=$(ARCH) tools/deps $(AFTER_DEPS)
	+@$(if $(AFTER_DEPS),$(MAKE) --no-print-directory $(JOBS) $(AFTER_DEPS))
$(AFTER_DEPS): deps
	@:

# `make NAME_defconfig all`: the configuration first, then make afresh, for the same reason
else ifneq ($(and $(filter %config,$(MAKECMDGOALS)),$(filter-out %config,$(MAKECMDGOALS))),)
CONFIGURE := $(filter %config,$(MAKECMDGOALS))
AFTER_CONFIGURE := $(filter-out %config,$(MAKECMDGOALS))
.PHONY: $(CONFIGURE) $(AFTER_CONFIGURE) after-configure
$(CONFIGURE):
	+@$(MAKE) --no-print-directory $@
after-configure: $(CONFIGURE)
	+@$(MAKE) --no-print-directory $(JOBS) $(AFTER_CONFIGURE)
$(AFTER_CONFIGURE): after-configure
	@:
else

VERSION := 0.1.0
BUILD ?= build
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/eicbox
$(if $(filter /.cache/eicbox,$(CACHE)),$(error HOME: not set; or give CACHE=DIR))
$(foreach v,CURDIR BUILD CACHE,$(if $(word 2,$($v)),$(error $v: '$($v)': make cannot handle a blank in it)))
SRC ?=
ARCH ?= x86_64
FLAVOUR ?= release
WERROR ?= 1
V ?= 0
PREFIX ?= /usr/local

# The machine's clock must not lie before the build; releases set SOURCE_DATE_EPOCH.
BUILD_EPOCH := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),1767225600)

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += $(JOBS)
endif
unexport CPATH C_INCLUDE_PATH LIBRARY_PATH GCC_EXEC_PREFIX CFLAGS CPPFLAGS LDFLAGS
export CACHE SRC LC_ALL = C
Q := $(if $(filter 1,$(V)),,@)
say = @printf '  %-7s %s\n' $(1) $(patsubst $(BUILD)/%,%,$(2))

.PHONY: all
all: $(BUILD)/eicbox
.DELETE_ON_ERROR:
.PHONY: FORCE
FORCE:

# --- architecture: compiler, musl, kernel headers --------------------------------------------------

ifeq ($(ARCH),x86_64)
TOOLS :=
MUSL_INCLUDE := /usr/include/x86_64-linux-musl
MUSL_LIB := /usr/lib/x86_64-linux-musl
KERNEL_INCLUDE := /usr/include /usr/include/x86_64-linux-gnu
ARCH_CFLAGS :=
ARCH_LDFLAGS := -Wl,-z,pack-relative-relocs
AESNI_CFLAGS := -maes -mpclmul
else ifeq ($(ARCH),aarch64)
TOOLS := aarch64-linux-gnu-
MUSL_ROOT ?= $(shell CACHE='$(CACHE)' tools/musl arm64)
MUSL_ROOT := $(or $(MUSL_ROOT),$(error ARCH=aarch64 needs musl for it))
MUSL_INCLUDE := $(MUSL_ROOT)/usr/include/aarch64-linux-musl
MUSL_LIB := $(MUSL_ROOT)/usr/lib/aarch64-linux-musl
KERNEL_INCLUDE := /usr/aarch64-linux-gnu/include
ARCH_CFLAGS := -mno-outline-atomics
ARCH_LDFLAGS :=
AESNI_CFLAGS :=
else
$(error ARCH=$(ARCH): x86_64 and aarch64 are known)
endif

# --- flavour: how to compile -----------------------------------------------------------------------
#
# release  what is shipped: musl, static-pie, small. gcc's own specs and those of musl-gcc cannot make a
#          static-pie against musl 1.2.3 (the result has an interpreter), so the files are named here;
#          tools/start.c stands in for musl's rcrt1.o, which cannot read packed relocations
# test     glibc with ASan and UBSan, for the unit tests and for running applets under a sanitizer
# fuzz     the same with clang and libFuzzer

ifeq ($(FLAVOUR),release)
CC := $(TOOLS)gcc
AR := $(TOOLS)gcc-ar
PACK = $(PYTHON) tools/pack
# each saves 100 to 500 bytes of an agent; without threaded jumps gcc suspects variables that the
# flavour test clears
SMALLER := -flto-partition=one -fno-jump-tables -fno-caller-saves -fno-thread-jumps -fno-shrink-wrap \
	-fno-tree-dominator-opts -fno-tree-coalesce-vars \
	-fmerge-all-constants -Wno-maybe-uninitialized
# -Oz and the plain stack protector (buffers of 8 characters and more) save 20 KB of the full binary
# against -Os and the strong one
OPT := -Oz -flto=auto -fPIE -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
	-fno-unwind-tables -fstack-protector $(SMALLER) $(ARCH_CFLAGS) \
	-nostdinc -isystem $(MUSL_INCLUDE) -isystem $(shell $(CC) -print-file-name=include) \
	-idirafter $(BUILD)/gen/kernel
# mbedTLS watches constant time at -Os, less so at -Oz: that is for builds without private keys
THIRD_OPT = $(if $(filter 0,$(KEY_WRITING)),$(OPT),$(patsubst -Oz,-Os,$(OPT)))
LDFLAGS := -static-pie -nostdlib -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noexecstack,-z,text \
	-Wl,-T,tools/link.ld -Wl,--build-id=none -Wl,--hash-style=gnu $(ARCH_LDFLAGS)
gcc_file = $(shell $(CC) -print-file-name=$(1))
START = $(BUILD)/obj/tools/start.o $(BUILD)/obj/core/base/lz4.o $(MUSL_LIB)/crti.o
END := -L$(MUSL_LIB) -lc $(call gcc_file,libgcc.a) $(MUSL_LIB)/crtn.o
DEFCONFIG := everything_defconfig
else ifeq ($(FLAVOUR),test)
CC := gcc
AR := gcc-ar
PACK := :
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT := -O1 -g $(SANITIZE)
THIRD_OPT := -O2 -g1 -fsanitize=address
LDFLAGS := $(SANITIZE)
DEFCONFIG := test_defconfig
else ifeq ($(FLAVOUR),fuzz)
CC := clang
AR := ar
PACK := :
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT := -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link
THIRD_OPT := -O2 -g1 -fsanitize=address,fuzzer-no-link
LDFLAGS := $(SANITIZE)
DEFCONFIG := test_defconfig
else
$(error FLAVOUR=$(FLAVOUR): release, test and fuzz are known)
endif

WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	$(if $(filter 1,$(WERROR)),-Werror)
CPPFLAGS = -I. -Icore -I$(BUILD)/gen $(THIRD_CPPFLAGS)
CFLAGS := -std=gnu11 $(OPT) $(WARN) -ffile-prefix-map=$(CURDIR)/=

# --- configuration ---------------------------------------------------------------------------------

CONFIG := $(BUILD)/.config
PYTHON = $(or $(firstword $(foreach p,/usr/bin/python3 python3,$(shell $(p) -c 'import kconfiglib' \
	2>/dev/null && echo $(p)))),$(error python3-kconfiglib is missing: run 'make deps'))
KCONFIG = KCONFIG_CONFIG=$(CONFIG) $(PYTHON)

# targets that make nothing from sources, and so need neither configuration nor third-party sources
LIGHT := %config help clean distclean format unit check test demo fuzz bench size sizes arm64 fresh packages
ifneq ($(filter-out $(LIGHT),$(or $(MAKECMDGOALS),all)),)
-include $(BUILD)/gen/config.mk
endif
include tools/thirdparty.mk

MISSING := $(strip $(foreach a,$(APPLETS),$(if $(wildcard applets/$(a).c),,$(a))))
$(if $(MISSING),$(error applets without a file: $(MISSING)))

.PHONY: menuconfig defconfig savedefconfig
defconfig: $(DEFCONFIG)

%_defconfig: tools/configs/%_defconfig
	$(Q)mkdir -p $(BUILD)
	$(Q)$(KCONFIG) tools/kconfig.py load $<

menuconfig: $(CONFIG)
	@[ -t 0 ] && [ -t 1 ] || { echo 'menuconfig: needs a terminal; make NAME_defconfig needs none' >&2; exit 1; }
	$(Q)$(KCONFIG) -m menuconfig Kconfig

savedefconfig: $(CONFIG)
	$(Q)$(KCONFIG) tools/kconfig.py save $(BUILD)/defconfig
	@echo "$(BUILD)/defconfig"

$(CONFIG):
	$(Q)mkdir -p $(@D)
	$(Q)$(KCONFIG) tools/kconfig.py load tools/configs/$(DEFCONFIG)

$(BUILD)/gen/config.mk: $(CONFIG) Kconfig tools/kconfig.py
	$(Q)mkdir -p $(@D)
	$(Q)$(KCONFIG) tools/kconfig.py gen $(@D)
	@touch $@
$(BUILD)/gen/config.h: $(BUILD)/gen/config.mk ;

# --- derived sources -------------------------------------------------------------------------------

# writes stdin to $(1) unless it has that content already
update = cat >$(1).new && if cmp -s $(1).new $(1); then rm $(1).new; else mv $(1).new $(1); fi

$(BUILD)/gen/version.h: FORCE | $(BUILD)/gen/config.mk
	@printf '%s\n' '/* version.h - made by the build */' \
		'#define EICBOX_VERSION "$(VERSION)"' \
		'#define EICBOX_BUILD_EPOCH $(BUILD_EPOCH)' \
		'#define EICBOX_LIBRARIES "mbedTLS $(MBEDTLS_VERSION), libsodium $(LIBSODIUM_VERSION), jsmn $(JSMN_VERSION)"' \
		| { $(call update,$@); }

# symbol METADATA_MOCK = file applets/metadata_mock.c = object metadata_mock_applet
$(BUILD)/gen/applets.c: FORCE | $(BUILD)/gen/config.mk
	@{ echo '/* applets.c - made from Kconfig: the applets of this build */'; \
	echo '#include "applets/applet.h"'; echo; \
	for a in $(APPLETS); do echo "extern const struct applet $${a}_applet;"; done; \
	echo 'const struct applet *const applet_table[] = {'; \
	for a in $(APPLETS); do echo "	&$${a}_applet,"; done; \
	echo '	NULL,'; echo '};'; \
	echo 'const size_t applet_count = $(words $(APPLETS));'; } | { $(call update,$@); }

$(BUILD)/gen/anchors.c: tools/lock tools/anchors | $(BUILD)/gen/config.mk
	$(call say,GEN,$@)
	$(Q)tools/anchors >$@.new && mv $@.new $@

$(BUILD)/gen/initramfs.c: tools/embed $(shell find -L tools/dist/initramfs) | $(BUILD)/gen/config.mk
	$(call say,GEN,$@)
	$(Q)tools/embed tools/dist/initramfs >$@.new && mv $@.new $@

# only the kernel's own headers, not those of the other libc beside them; made anew when the flags are another
# machine's
$(BUILD)/gen/kernel: $(BUILD)/gen/flags | $(BUILD)/gen/config.mk
	$(Q)rm -rf $@ $@.new && mkdir -p $@.new
	$(Q)for d in $(KERNEL_INCLUDE); do for h in linux asm asm-generic; do \
		[ ! -d $$d/$$h ] || ln -sfn $$d/$$h $@.new/$$h; done; done
	$(Q)mv $@.new $@

$(BUILD)/gen/flags: FORCE | $(BUILD)/gen/config.mk
	@printf '%s\n' '$(subst ','\'',$(CC) $(CPPFLAGS) $(CFLAGS))' \
		'$(subst ','\'',$(THIRD_OPT))' | { $(call update,$@); }

# --- objects ---------------------------------------------------------------------------------------

# of an applet: applets/NAME.c, applets/NAME_*.c and applets/NAME/*.c
other_applets = $(foreach a,$(filter-out $(1),$(KNOWN_APPLETS)),applets/$(a).c applets/$(a)_%)
applet_files = applets/$(1).c \
	$(filter-out $(call other_applets,$(1)),$(wildcard applets/$(1)_*.c)) $(wildcard applets/$(1)/*.c)
object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

# what calls parts of mbedTLS that a build without TLS does not have
NO_TLS_FILES := $(if $(filter 0,$(TLS13)),core/crypto/psa_random.c) $(if $(filter 0,$(TLS)),core/net/tls.c)
CORE := $(call object,$(filter-out $(NO_TLS_FILES),$(wildcard core/*/*.c))) \
	$(BUILD)/obj/anchors.o
APPLET := $(call object,$(foreach a,$(APPLETS),$(call applet_files,$(a))))
COMMON := $(call object,$(filter-out applets/main.c $(foreach a,$(KNOWN_APPLETS),$(call \
	applet_files,$(a))),$(wildcard applets/*.c))) $(BUILD)/obj/applets.o $(BUILD)/obj/initramfs.o
MAIN := $(BUILD)/obj/applets/main.o

COMPILE = $(CC) $(CPPFLAGS) $(CFLAGS)
NEEDS := $(BUILD)/gen/flags $(BUILD)/gen/config.h $(BUILD)/gen/thirdparty.mk
ORDER := $(BUILD)/gen/version.h $(if $(filter release,$(FLAVOUR)),$(BUILD)/gen/kernel)

$(BUILD)/obj/%.o: %.c $(NEEDS) | $(ORDER)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/obj/%.o: $(BUILD)/gen/%.c $(NEEDS) | $(ORDER)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(COMPILE) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(CORE) $(APPLET) $(COMMON) $(MAIN))

# a file that was removed has to leave the archive
$(BUILD)/gen/objects: FORCE | $(BUILD)/gen/config.mk
	@echo '$(CORE) $(APPLET) $(COMMON)' | { $(call update,$@); }

$(BUILD)/core.a: $(CORE) $(BUILD)/gen/objects
$(BUILD)/applets.a: $(APPLET) $(COMMON) $(BUILD)/gen/objects
$(BUILD)/core.a $(BUILD)/applets.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $(filter %.o,$^)

# --- the binary ------------------------------------------------------------------------------------

ARCHIVES := $(BUILD)/applets.a $(BUILD)/core.a $(BUILD)/third.a
# without warnings: what LTO sees in third-party code is not ours to mend
LINK = $(CC) $(filter-out -W%,$(CFLAGS)) $(LDFLAGS) $(START)
LIBS = -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(END)

# runs before relocations, libc and the stack protector's canary are there
$(filter $(BUILD)/%,$(START)): CFLAGS += -fno-lto -fno-stack-protector -mgeneral-regs-only

$(BUILD)/eicbox: $(MAIN) $(ARCHIVES) $(filter $(BUILD)/%,$(START)) tools/link.ld tools/pack
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@.new $(MAIN) $(LIBS) -Wl,-Map=$(BUILD)/eicbox.map
	$(Q)$(PACK) $@.new
	$(Q)mv $@.new $@

include tools/tests.mk
include tools/packages.mk

.PHONY: install clean distclean help
install: $(BUILD)/eicbox
	install -D -m 0755 $(BUILD)/eicbox $(DESTDIR)$(PREFIX)/bin/eicbox

clean:
	rm -rf $(BUILD)

distclean: clean
	rm -rf $(CACHE)/src $(CACHE)/lib $(CACHE)/root-*

define HELP
make                build/eicbox, in the profile of build/.config (everything)
make NAME_defconfig another profile: everything, full, client, instance, initramfs, agent
make menuconfig     choose applets and features; make savedefconfig keeps the choice
make deps           install the Debian packages that are missing (root or sudo)
make check          the quick part of the tests: units, rooms, banned calls, format
make unit T=NAME    one unit test
make test           everything that CI runs
make demo           the whole loop on real parts
make fresh          demo and test in a bare Debian made by debootstrap (root)
make fuzz           every harness for FUZZ_SECONDS (30)
make bench          measurements beside the peers
make packages       .deb, .rpm, tarball and APKBUILD, for x86-64 and arm64 (PACKAGE_ARCHES); PACKAGER='NAME <MAIL>'
make size           the size of every profile that has a limit (make sizes only builds them)
make ARCH=aarch64   all of this for arm64, best with BUILD=DIR; make arm64 builds what its tests run
make format         clang-format over all C files
make compile_commands.json  for editors, in build/
make install        DESTDIR and PREFIX (/usr/local)
make clean          removes build/; distclean also the cache of third-party sources
endef
help:
	$(info $(HELP))
	@:

endif # deps
