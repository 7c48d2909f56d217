# packages.mk - what tools/package makes packages of: the profiles of tools/dist/packages, for each machine
#
#	PACKAGE_ARCHES='x86_64 aarch64'   PACKAGER='Name <mail>'   VERSION=N

PACKAGE_ARCHES ?= x86_64 aarch64
PACKAGE_PROFILES := instance client everything
PACKAGES = $(BUILD)/packages

.PHONY: packages
packages:
	+$(Q)for a in $(PACKAGE_ARCHES); do for p in $(PACKAGE_PROFILES); do \
		b=$(PACKAGES)/build/$$a/$$p; \
		$(MAKE) ARCH=$$a BUILD=$$b $${p}_defconfig && $(MAKE) ARCH=$$a BUILD=$$b all || exit 1; done; done
	$(Q)for a in $(PACKAGE_ARCHES); do \
		licences=$$(sed -n 's/^\(LIBSODIUM\|JSMN\)_DIR := \(.*\)/\2\/LICENSE/p' $(PACKAGES)/build/$$a/instance/gen/thirdparty.mk); \
		SOURCE_DATE_EPOCH=$(BUILD_EPOCH) LICENCES="$$licences /usr/share/doc/musl-dev/copyright" \
			tools/package $(VERSION) $$a $(PACKAGES)/build/$$a $(PACKAGES) || exit 1; done
	@ls $(PACKAGES)/*.deb $(PACKAGES)/*.rpm $(PACKAGES)/*.tar.gz $(PACKAGES)/alpine/*
