/* sigv4.h - AWS Signature Version 4, made and checked */
#ifndef CRYPTO_SIGV4_H
#define CRYPTO_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define SIGV4_HEADERS_MAX 64

struct sigv4_header {
	struct str name, value;
};

/* What is signed. Headers are those of the request as they will be sent, or as they came. */
struct sigv4_request {
	struct str method, path, query; /* path as sent, still encoded; query without '?' */
	const struct sigv4_header *headers;
	size_t n_headers;
	struct str body;
	bool s3; /* neither normalise nor re-encode the path */
};

struct sigv4_scope {
	struct str region, service;
	int64_t time; /* seconds since 1970, UTC */
};

struct sigv4_keys {
	struct str id, secret, token; /* token empty: none */
};

/* Appends the Authorization header's value, with all headers of the request signed except those
 * that proxies change (user-agent, connection, …). x-amz-date (and x-amz-security-token) must
 * already be among them. */
int sigv4_sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
	const struct sigv4_keys *keys, struct buf *authorization) MUST_CHECK;

/* Appends a presigned query (X-Amz-Algorithm … X-Amz-Signature, '&'-joined behind the request's own
 * query), host signed only. */
int sigv4_presign(const struct sigv4_request *request, const struct sigv4_scope *scope,
	const struct sigv4_keys *keys, unsigned expires, struct buf *query) MUST_CHECK;

/* The canonical request, with the headers that signed_names ("a;b;c") lists. */
int sigv4_canonical(
	const struct sigv4_request *request, struct str signed_names, struct buf *out) MUST_CHECK;

/* The parts of an Authorization header, borrowed from it; ERR_FORMAT with AWS's own wording of
 * IncompleteSignature. */
struct sigv4_claim {
	struct str key_id, date, region, service, signed_names, signature;
	int64_t time; /* of x-amz-date or date */
};
int sigv4_read(const struct sigv4_request *request, struct sigv4_claim *claim) MUST_CHECK;

/* Compares the claim's signature with the one that secret makes. 0 proven; ERR_DENIED. That host
 * and every x-amz-* header present are among the signed names is part of it. */
int sigv4_verify(const struct sigv4_request *request, const struct sigv4_claim *claim,
	struct str secret) MUST_CHECK;

#endif
