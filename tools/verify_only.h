/* verify_only.h - seen by mbedTLS's pk_wrap.c first: its tables of operations without private keys
 *
 * The tables name every operation of a kind of key, so a linker keeps signing and decrypting (9 KB) in a binary
 * that only verifies. */
#ifndef EICBOX_VERIFY_ONLY_H
#define EICBOX_VERIFY_ONLY_H

#include "config.h"

#if !CONFIG_KEY_WRITING

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/rsa.h>

#define mbedtls_rsa_pkcs1_sign(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_rsa_pkcs1_encrypt(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_rsa_pkcs1_decrypt(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_rsa_check_pub_priv(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_ecp_check_pub_priv(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_ecdsa_write_signature(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED

#endif

#endif
