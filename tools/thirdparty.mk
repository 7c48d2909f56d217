# thirdparty.mk - mbedTLS, libsodium and jsmn: fetched by tools/fetch, compiled once per configuration
#
# gen/thirdparty.mk names the unpacked sources: MBEDTLS_DIR, MBEDTLS_VERSION and so on.

ifneq ($(filter-out $(LIGHT),$(or $(MAKECMDGOALS),all)),)
include $(BUILD)/gen/thirdparty.mk
endif

# a cache that somebody removed is filled again
$(BUILD)/gen/thirdparty.mk: tools/lock tools/fetch $(if $(wildcard $(MBEDTLS_DIR)/library),,FORCE) | $(BUILD)/gen/config.mk
	$(Q)mkdir -p $(@D)
	$(Q)tools/fetch mbedtls libsodium jsmn >$@.rows || { rm -f $@.rows; exit 1; }
	$(Q)awk '{ n = toupper($$1); print n "_VERSION := " $$2; print n "_DIR := " $$3 }' $@.rows >$@.new
	$(Q)rm $@.rows && mv $@.new $@

SODIUM_DIR = $(LIBSODIUM_DIR)/src/libsodium
THIRD_CPPFLAGS = -DMBEDTLS_CONFIG_FILE='<mbedtls_config.h>' -DMBEDTLS_ALLOW_PRIVATE_ACCESS -DSODIUM_STATIC \
	-isystem tools -isystem $(MBEDTLS_DIR)/include -isystem $(SODIUM_DIR)/include -isystem $(JSMN_DIR)

# The archive is made in the cache: once for a compiler, its options and the effective configuration.
THIRD_FILES := tools/third.mk tools/psa_config.h tools/verify_only.h tools/no_tls13_server.h
THIRD_CFLAGS = -std=gnu11 -w $(THIRD_OPT) -I$(BUILD)/gen $(THIRD_CPPFLAGS)
third_key = { $(CC) --version; echo '$(subst $(BUILD),,$(subst ','\'',$(THIRD_CFLAGS)))'; \
	$(CC) $(THIRD_CFLAGS) -E -dM tools/mbedtls_config.h | grep -E ' (MBEDTLS|PSA)_' | sort; \
	cat $(THIRD_FILES); \
	grep KEY_WRITING $(BUILD)/gen/config.h; } | sha256sum | cut -c 1-32

$(BUILD)/third.a: $(BUILD)/gen/thirdparty.mk $(BUILD)/gen/config.h $(BUILD)/gen/flags \
		tools/mbedtls_config.h $(THIRD_FILES) | $(ORDER)
	+$(Q)key=$$($(third_key)) && archive=$(CACHE)/lib/$$key.a && mkdir -p $(CACHE)/lib && \
	if [ ! -f $$archive ]; then \
		echo '  CC      mbedTLS $(MBEDTLS_VERSION), libsodium $(LIBSODIUM_VERSION)'; \
		tmp=$$(mktemp -d $(CACHE)/lib/.new.XXXXXX) && trap 'rm -rf "$$tmp"' EXIT && \
		$(MAKE) -f tools/third.mk OUT=$$tmp CC='$(CC)' AR='$(AR)' MBEDTLS=$(MBEDTLS_DIR) \
			SODIUM=$(SODIUM_DIR) AESNI_CFLAGS='$(AESNI_CFLAGS)' Q='$(Q)' \
			CFLAGS='$(subst ','\'',$(THIRD_CFLAGS))' && \
		mv $$tmp/third.a $$archive; \
	fi && cp $$archive $@
