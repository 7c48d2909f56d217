# packages.mk - what tools/package makes packages of: the profiles of tools/dist/packages, for each machine
#
#	PACKAGE_ARCHES='x86_64 aarch64'   PACKAGER='Name <mail>'   VERSION=N

PACKAGE_ARCHES ?= x86_64 aarch64
PACKAGE_PROFILES := $(shell awk '!/^#/ && NF { print $$2 }' tools/dist/packages)
PACKAGES = $(BUILD)/packages

# what was there is of another version, maybe
.PHONY: packages
packages:
	+$(Q)for a in $(PACKAGE_ARCHES); do for p in $(PACKAGE_PROFILES); do \
		b=$(PACKAGES)/build/$$a/$$p; \
		$(MAKE) ARCH=$$a BUILD=$$b $${p}_defconfig && $(MAKE) ARCH=$$a BUILD=$$b all || exit 1; done; done
	$(Q)rm -rf $(PACKAGES)/*.deb $(PACKAGES)/*.rpm $(PACKAGES)/*.tar.gz $(PACKAGES)/alpine
	$(Q)for a in $(PACKAGE_ARCHES); do \
		SOURCE_DATE_EPOCH=$(BUILD_EPOCH) $(if $(PACKAGER),PACKAGER='$(subst ','\'',$(PACKAGER))') \
			tools/package $(VERSION) $$a $(PACKAGES)/build/$$a $(PACKAGES) || exit 1; done
	@ls $(PACKAGES)/*.deb $(PACKAGES)/*.rpm $(PACKAGES)/*.tar.gz $(PACKAGES)/alpine/*
