/* mbedtls_config.h - the parts of mbedTLS that a build has, derived from Kconfig */
#ifndef EICBOX_MBEDTLS_CONFIG_H
#define EICBOX_MBEDTLS_CONFIG_H

#include <stddef.h>
#include <time.h>

#include "config.h"

/* The platform: time, memory and randomness come from us, files and sockets not at all. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_HAVE_TIME_DATE
#define MBEDTLS_NO_PLATFORM_ENTROPY
#define MBEDTLS_DEPRECATED_REMOVED
#if CONFIG_ARENA
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS /* libc's heap would be linked otherwise */
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_MEMORY_DEBUG /* for the peak; its printing is off */
#define MBEDTLS_PLATFORM_FPRINTF_MACRO(...) 0
#endif

/* core/crypto defines it: the time that the caller of a verification has set */
#define MBEDTLS_PLATFORM_TIME_MACRO eic_crypto_time
time_t eic_crypto_time(time_t *out);

/* core/crypto defines it too: libc's would bring all of printf, 16 KB */
#define MBEDTLS_PLATFORM_SNPRINTF_MACRO eic_snprintf
int eic_snprintf(char *to, size_t cap, const char *fmt, ...);

/* and these: 2 KB */
#define MBEDTLS_PLATFORM_GMTIME_R_ALT
#define strstr eic_strstr
char *eic_strstr(const char *text, const char *word);

/* Digests. MD5 and SHA-1 are for fingerprints and the CertID of OCSP only. */
#define MBEDTLS_MD_C
#define MBEDTLS_MD5_C
#define MBEDTLS_MD5_PROCESS_ALT /* core/crypto/small_digests.c */
#define MBEDTLS_SHA1_C
#define MBEDTLS_SHA1_PROCESS_ALT
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_SHA512_SMALLER

/* Signatures: RSA up to 4096 bits with both paddings, ECDSA on the two curves of the anchors.
 * keygen makes and reads keys of up to 8192 bits. */
#define MBEDTLS_BIGNUM_C
#if CONFIG_KEYGEN
#define MBEDTLS_MPI_MAX_SIZE 1024
#else
#define MBEDTLS_MPI_MAX_SIZE 512
#endif
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0 /* 12 KB of tables */
#define MBEDTLS_ECDSA_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C

/* Certificates. */
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_BASE64_C
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_REMOVE_INFO
#define MBEDTLS_X509_MAX_INTERMEDIATE_CA 4
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK

/* Keys and certificates, written. Always declared: the linker drops what nobody calls. */
#define MBEDTLS_GENPRIME
#define MBEDTLS_PK_WRITE_C
#define MBEDTLS_PEM_WRITE_C
#define MBEDTLS_X509_CREATE_C
#define MBEDTLS_X509_CRT_WRITE_C

/* A table names every curve that is enabled: P-521 is only for keygen. The fast reduction is 2 KB;
 * without it a signature of the ECDSA anchors, which no signer of today has above it, takes some
 * milliseconds more. */
#if CONFIG_KEY_WRITING
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_DP_SECP521R1_ENABLED
#endif

#if CONFIG_TLS
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT
#define MBEDTLS_AES_C
#define MBEDTLS_AESNI_C
#define MBEDTLS_AESCE_C /* each for its own machine */
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT /* GCM only encrypts blocks */
#define MBEDTLS_CIPHER_C
#define MBEDTLS_GCM_C /* the only cipher: every server has it, ChaCha20-Poly1305 is 4 KB */
#define MBEDTLS_ECDH_C
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#if CONFIG_METADATA_MOCK
#define MBEDTLS_SSL_SRV_C
#endif
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_IN_CONTENT_LEN 16384
#define MBEDTLS_SSL_OUT_CONTENT_LEN 4096
#endif

#if CONFIG_TLS13
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "psa_config.h"
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#endif

#endif
