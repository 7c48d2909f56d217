# third.mk - compiles mbedTLS, and libsodium's Ed25519, to OUT/third.a; called by thirdparty.mk

SODIUM_FILES := crypto_scalarmult/ed25519/ref10/scalarmult_ed25519_ref10.c \
	crypto_core/ed25519/ref10/ed25519_ref10.c
# the last one moved between the versions of tools/lock
SODIUM_FILES += $(patsubst $(SODIUM)/%,%,$(wildcard $(SODIUM)/crypto_verify/verify.c \
	$(SODIUM)/crypto_verify/sodium/verify.c))
SODIUM_CFLAGS := -DHAVE_TI_MODE=1 -DNATIVE_LITTLE_ENDIAN=1 -I$(SODIUM)/include/sodium \
	-I$(SODIUM)/include/sodium/private

MBEDTLS_OBJECTS := $(patsubst $(MBEDTLS)/library/%.c,$(OUT)/%.o,$(wildcard $(MBEDTLS)/library/*.c))
SODIUM_OBJECTS := $(patsubst %.c,$(OUT)/sodium/%.o,$(SODIUM_FILES))

$(OUT)/third.a: $(MBEDTLS_OBJECTS) $(SODIUM_OBJECTS)
	$(Q)$(AR) rcsD $@ $^

# intrinsics for AES: the file's inline assembler jumps to a label that some configurations leave out
# aes.c must align its round keys as the intrinsics of aesni.c want them, and sees by the same flags that it has to
$(OUT)/aesni.o $(OUT)/aes.o: override CFLAGS += $(AESNI_CFLAGS)

$(OUT)/pk_wrap.o $(OUT)/rsa.o: override CFLAGS += -DFILE_$* -include tools/verify_only.h
$(OUT)/ssl_tls.o: override CFLAGS += -include tools/no_tls13_server.h

$(OUT)/%.o: $(MBEDTLS)/library/%.c
	$(Q)$(CC) $(CFLAGS) -I$(MBEDTLS)/library -c -o $@ $<

$(OUT)/sodium/%.o: $(SODIUM)/%.c
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(SODIUM_CFLAGS) -c -o $@ $<
