/* no_tls13_server.h - seen first by ssl_tls.c of mbedTLS: servers speak TLS 1.2
 *
 * The only server is the mock, whose clients all speak 1.2 too; core/net/tls.c says so to mbedTLS.
 * A linker would keep the other half of the handshake (5 KB) for this one call. */
#ifndef EICBOX_NO_TLS13_SERVER_H
#define EICBOX_NO_TLS13_SERVER_H

#include "config.h"

#if CONFIG_TLS

#include <ssl_misc.h>

#define mbedtls_ssl_tls13_handshake_server_step(...) MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION

#endif

#endif
