/* verify_only.h - seen first by two files of mbedTLS: no private keys in a binary that only
 * verifies
 *
 * pk_wrap.c has tables of every operation of a kind of key, and rsa.c completes private keys where
 * it reads public ones, so a linker would keep all that (10 KB). */
#ifndef EICBOX_VERIFY_ONLY_H
#define EICBOX_VERIFY_ONLY_H

#include "config.h"

#if !CONFIG_KEY_WRITING

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/rsa.h>

#ifdef FILE_pk_wrap
#define mbedtls_rsa_pkcs1_sign(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_rsa_pkcs1_encrypt(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_rsa_pkcs1_decrypt(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_rsa_check_pub_priv(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_ecp_check_pub_priv(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_ecdsa_write_signature(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#endif

#ifdef FILE_rsa
#include <rsa_alt_helpers.h>

#define mbedtls_rsa_deduce_primes(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_rsa_deduce_private_exponent(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#define mbedtls_rsa_deduce_crt(...) MBEDTLS_ERR_PLATFORM_FEATURE_UNSUPPORTED
#endif

#endif

#endif
