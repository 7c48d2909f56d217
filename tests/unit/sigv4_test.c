/* sigv4_test.c - Signature Version 4: the published vectors, and everything that a verifier must
 * notice */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/sigv4.h"

#define ID "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN "AQoDYXdzEPT//////////wEXAMPLE=="
#define WHEN 1440938160 /* 20150830T123600Z */
#define DATE "20150830T123600Z"
#define H(name, value) \
	{ \
		{ name, sizeof(name) - 1 }, \
		{ \
			value, sizeof(value) - 1 \
		} \
	}
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct sigv4_keys keys = { { ID, 11 }, { SECRET, 40 }, { "", 0 } };
static const struct sigv4_keys session = { { ID, 11 }, { SECRET, 40 },
	{ TOKEN, sizeof(TOKEN) - 1 } };

static struct sigv4_scope scope_of(const char *service)
{
	return (struct sigv4_scope){ STR("us-east-1"), str_of(service), WHEN };
}

/* A GET of the official suite: its host, its date, and what else is given. */
static struct sigv4_request get(const char *path, const char *query, struct sigv4_header *headers,
	const struct sigv4_header *more, size_t n_more)
{
	static const struct sigv4_header first[] = { H("Host", "example.amazonaws.com"),
		H("X-Amz-Date", DATE) };

	memcpy(headers, first, sizeof(first));
	if (n_more > 0)
		memcpy(headers + 2, more, n_more * sizeof(*more));
	return (struct sigv4_request){ .method = STR("GET"),
		.path = str_of(path),
		.query = str_of(query),
		.headers = headers,
		.n_headers = 2 + n_more };
}

/* The signature at the end of the Authorization header that is made for it. */
static void check_signature(const struct sigv4_request *rq, const char *service,
	const struct sigv4_keys *k, const char *names, const char *signature)
{
	const struct sigv4_scope scope = scope_of(service);
	BUF(made, 1024);
	BUF(want, 1024);

	buf_addf(&want,
		"AWS4-HMAC-SHA256 Credential=" ID
		"/20150830/us-east-1/%s/aws4_request, SignedHeaders=%s, "
		"Signature=%s",
		service, names, signature);
	assert_int_equal(sigv4_sign(rq, &scope, k, &made), 0);
	assert_string_equal(buf_text(&made), buf_text(&want));
}

static void check_get(const char *path, const char *query, const struct sigv4_header *more,
	size_t n_more, const char *names, const char *signature)
{
	struct sigv4_header headers[8];
	struct sigv4_request rq = get(path, query, headers, more, n_more);

	check_signature(&rq, "service", &keys, names, signature);
}

/* get-vanilla, post-x-www-form-urlencoded and get-vanilla-query-order-encoded of the official suite
 */
static void the_official_vectors_are_reproduced(void **state)
{
	const struct sigv4_header headers[] = { H("Content-Type",
							"application/x-www-form-urlencoded"),
		H("Host", "example.amazonaws.com"), H("X-Amz-Date", DATE) };
	const struct sigv4_request post = { STR("POST"), STR("/"), STR(""), headers, COUNT(headers),
		STR("Param1=value1"), false };

	(void)state;
	check_get("/", "", NULL, 0, "host;x-amz-date",
		"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	check_get("", "", NULL, 0, "host;x-amz-date",
		"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	check_signature(&post, "service", &keys, "content-type;host;x-amz-date",
		"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
	check_get("/", "Param-3=Value3&Param=Value2&%E1%88%B4=Value1", NULL, 0, "host;x-amz-date",
		"371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac");
}

/* made with botocore */
static void paths_queries_and_values_are_canonical_as_botocore_has_them(void **state)
{
	static const struct sigv4_header more[] = { H("My-Header1", " value4  \"a   b c\""),
		H("My-Header1", "value1"), H("My-Header2", "  x \t y ") };

	(void)state;
	check_get("/a%20b/../c//d/./e f/", "", NULL, 0, "host;x-amz-date",
		"da049a1c55b53b44cee84e1451f873fd9db89b99dcad33ae1cb30dcab5d75b6e");
	check_get("/", "b=2&a=2&a=1&a-b=0&empty&x=", NULL, 0, "host;x-amz-date",
		"d520fbca36b0fc86aaac763ac2f3ad15e7cd1b43913dcc05fa6218371c112de2");
	check_get("/", "", more, COUNT(more), "host;my-header1;my-header2;x-amz-date",
		"9613d8ff822d2801558eeb1690bde8cbed8c8b856cd545479aa063dc89241da2");
}

#define PUSH_BODY \
	"{\"InstanceId\":\"i-1234567890abcdef0\",\"InstanceOSUser\":\"ec2-user\"," \
	"\"SSHPublicKey\":" \
	"\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"

static const struct sigv4_header push_headers[] = {
	H("Host", "ec2-instance-connect.us-east-1.amazonaws.com"),
	H("Content-Type", "application/x-amz-json-1.1"),
	H("X-Amz-Target", "AWSEC2InstanceConnectService.SendSSHPublicKey"),
	H("X-Amz-Date", DATE),
	H("User-Agent", "aws-cli/2"),
	H("Connection", "keep-alive"),
	H("X-Amz-Security-Token", TOKEN),
};

static struct sigv4_request push_request(size_t n)
{
	return (struct sigv4_request){ STR("POST"), STR("/"), STR(""), push_headers, n,
		STR(PUSH_BODY), false };
}

static void a_push_is_signed_as_botocore_signs_it(void **state)
{
	struct sigv4_request rq = push_request(6);

	(void)state;
	assert_int_equal(rq.body.n, 162);
	check_signature(&rq, "ec2-instance-connect", &keys,
		"content-type;host;x-amz-date;x-amz-target",
		"cc9dbfc9c84bbbebf24193bf146249a7d46fe858bde02330bb374299138f5914");
	rq = push_request(7);
	check_signature(&rq, "ec2-instance-connect", &session,
		"content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
		"b35a504e6d403fe07e5f78f128f578f840018a81c1fac7ae4e6e842ec3a7720d");
}

static void check_tunnel(const char *host, const char *query, const struct sigv4_scope *scope,
	const struct sigv4_keys *k, unsigned expires, const char *signature)
{
	const struct sigv4_header headers[] = { { STR("Host"), str_of(host) } };
	const struct sigv4_request rq = { STR("GET"), STR("/openTunnel"), str_of(query), headers, 1,
		STR(""), false };
	BUF(made, 4096);

	assert_int_equal(sigv4_presign(&rq, scope, k, expires, &made), 0);
	assert_true(str_starts(buf_view(&made), query));
	assert_true(str_ends(buf_view(&made), signature));
	assert_memory_equal(
		made.p + strlen(query), "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=", 51);
}

static void a_tunnel_is_presigned_as_botocore_and_the_aws_cli_do(void **state)
{
	const struct sigv4_keys other = { STR("access_key"), STR("secret_key"), STR("") };
	const struct sigv4_scope west = { STR("us-west-2"), STR("ec2-instance-connect"),
		1577840461 };
	const struct sigv4_scope east = scope_of("ec2-instance-connect");
	const char *host =
		"eice-0123.0123abcd.ec2-instance-connect-endpoint.us-east-1.amazonaws.com";

	(void)state;
	check_tunnel(host,
		"instanceConnectEndpointId=eice-0123&remotePort=22&privateIpAddress=10.0.0.5",
		&east, &keys, 60,
		"4758fd1465cd893f3c76c629e497358e24247efb207ef9571bf182524ec4a6a5");
	check_tunnel(host,
		"instanceConnectEndpointId=eice-0123&remotePort=22&privateIpAddress=2600%3A1f10%"
		"3A4f8e%3Adb01%3A%3A1"
		"&maxTunnelDuration=600",
		&east, &session, 60,
		"c7fa5be5865e73578825a9e0b698f5e5e59a4aee92bd2a54796fca058479318d");
	check_tunnel("eice-123.ec2-instance-connect-endpoint.us-west-2.amazonaws.com",
		"instanceConnectEndpointId=eice-123&remotePort=22&privateIpAddress=10.0.0.0&"
		"maxTunnelDuration=1",
		&west, &other, 60,
		"3a56740422a5b9aebd22d860b7a30c729e459a6f71a83bc0de3a2b44b7353f28");
}

/* the canonical request's line number n, from 0 */
static void check_line(
	const struct sigv4_request *rq, const char *names, size_t n, const char *want)
{
	BUF(text, 8192);
	struct str rest, line;

	assert_int_equal(sigv4_canonical(rq, str_of(names), &text), 0);
	rest = buf_view(&text);
	do
		assert_true(str_take_line(&rest, &line));
	while (n-- > 0);
	assert_int_equal(line.n, strlen(want));
	assert_memory_equal(line.p, want, line.n);
}

static void check_path(const char *path, const char *want)
{
	struct sigv4_header headers[2];
	struct sigv4_request rq = get(path, "", headers, NULL, 0);

	check_line(&rq, "host", 1, want);
}

static void what_is_encoded_in_a_path_is_encoded_again(void **state)
{
	(void)state;
	check_path("/a%20b", "/a%2520b");
	check_path("/a b", "/a%20b");
	check_path("/\xe1\x88\xb4", "/%E1%88%B4");
	check_path("/a~b-c_d.e+f=g", "/a~b-c_d.e%2Bf%3Dg");
}

static void dots_and_double_slashes_leave_a_path(void **state)
{
	(void)state;
	check_path("", "/");
	check_path("//", "/");
	check_path("/./", "/");
	check_path("/a/..", "/");
	check_path("/a/../..", "/");
	check_path("/../../a", "/a");
	check_path("/a/b/../c", "/a/c");
	check_path("//a//b//", "/a/b/");
	check_path("/a/.", "/a");
	check_path("/.../..a/b..", "/.../..a/b..");
}

static void the_path_of_an_s3_request_stays_as_it_is(void **state)
{
	struct sigv4_header headers[2];
	struct sigv4_request rq = get("/a%20b/../c//d", "", headers, NULL, 0);

	(void)state;
	rq.s3 = true;
	check_line(&rq, "host", 1, "/a%20b/../c//d");
}

static void check_query(const char *query, const char *want)
{
	struct sigv4_header headers[2];
	struct sigv4_request rq = get("/", query, headers, NULL, 0);

	check_line(&rq, "host", 2, want);
}

static void queries_are_sorted_by_name_and_then_by_value(void **state)
{
	(void)state;
	check_query("Param-3=Value3&Param=Value2", "Param=Value2&Param-3=Value3");
	check_query("a=2&a=1&A=3", "A=3&a=1&a=2");
	check_query("b&a", "a=&b=");
	check_query("a=1&&b=2", "a=1&b=2");
	check_query("a%2b=1&a=%7e%2f&c=d=e", "a=~%2F&a%2B=1&c=d%3De");
	check_query("X-Amz-Signature=abc&a=1", "a=1");
	check_query("", "");
}

static void a_query_that_is_damaged_or_too_long_is_refused(void **state)
{
	struct sigv4_header headers[2];
	struct sigv4_request rq = get("/", "a=%zz", headers, NULL, 0);
	BUF(text, 8192);
	BUF(many, 1024);

	(void)state;
	assert_int_equal(sigv4_canonical(&rq, STR("host"), &text), ERR_FORMAT);
	for (int i = 0; i < 129; i++)
		buf_puts(&many, "a=1&");
	rq.query = buf_view(&many);
	assert_int_equal(sigv4_canonical(&rq, STR("host"), &text), ERR_LIMIT);
}

static void white_space_in_values_is_squeezed_even_between_quotes_and_over_folded_lines(
	void **state)
{
	static const struct sigv4_header more[] = { H("A", "\t \"x   y\"  "),
		H("B", "one\r\n  two\n\tthree"), H("C", "   "), H("a", "z") };
	struct sigv4_header headers[6];
	struct sigv4_request rq = get("/", "", headers, more, COUNT(more));

	(void)state;
	check_line(&rq, "a;b;c;host", 3, "a:\"x y\",z");
	check_line(&rq, "a;b;c;host", 4, "b:one two three");
	check_line(&rq, "a;b;c;host", 5, "c:");
	check_line(&rq, "a;b;c;host", 8, "a;b;c;host");
}

static void a_request_without_host_or_with_another_date_is_not_signed(void **state)
{
	static const struct sigv4_header no_host[] = { H("X-Amz-Date", DATE) };
	static const struct sigv4_header no_date[] = { H("Host", "a") };
	static const struct sigv4_header late[] = { H("Host", "a"),
		H("X-Amz-Date", "20150830T123601Z") };
	struct sigv4_request rq = { .method = STR("GET"), .headers = no_host, .n_headers = 1 };
	const struct sigv4_scope scope = scope_of("service");
	BUF(out, 1024);

	(void)state;
	assert_int_equal(sigv4_sign(&rq, &scope, &keys, &out), ERR_BUG);
	rq.headers = no_date;
	assert_int_equal(sigv4_sign(&rq, &scope, &keys, &out), ERR_BUG);
	rq.headers = late;
	rq.n_headers = 2;
	assert_int_equal(sigv4_sign(&rq, &scope, &keys, &out), ERR_BUG);
	assert_int_equal(out.len, 0);
}

/* --- checking --- */

/* A signed push as a server receives it. */
struct received {
	struct sigv4_header headers[16];
	char authorization[1024];
	struct sigv4_request rq;
};

static void receive(struct received *got)
{
	const struct sigv4_scope scope = scope_of("ec2-instance-connect");
	struct buf out = buf_of(got->authorization, sizeof(got->authorization));

	got->rq = push_request(7);
	assert_int_equal(sigv4_sign(&got->rq, &scope, &session, &out), 0);
	memcpy(got->headers, push_headers, sizeof(push_headers));
	got->headers[7] = (struct sigv4_header){ STR("Authorization"), buf_view(&out) };
	got->rq.headers = got->headers;
	got->rq.n_headers = 8;
}

static int judge(const struct received *got, const char *secret)
{
	struct sigv4_claim claim;
	int r = sigv4_read(&got->rq, &claim);

	return r < 0 ? r : sigv4_verify(&got->rq, &claim, str_of(secret));
}

static void authorize(struct received *got, const char *text)
{
	got->headers[7].value = str_of(text);
}

static void what_was_signed_is_read_and_proven(void **state)
{
	struct received got;
	struct sigv4_claim claim;

	(void)state;
	receive(&got);
	assert_int_equal(sigv4_read(&got.rq, &claim), 0);
	assert_true(str_is(claim.key_id, ID));
	assert_true(str_is(claim.date, "20150830"));
	assert_true(str_is(claim.region, "us-east-1"));
	assert_true(str_is(claim.service, "ec2-instance-connect"));
	assert_true(str_is(claim.signed_names,
		"content-type;host;x-amz-date;x-amz-security-token;x-amz-target"));
	assert_int_equal(claim.time, WHEN);
	assert_int_equal(sigv4_verify(&got.rq, &claim, STR(SECRET)), 0);
}

static void headers_that_proxies_change_do_not_matter(void **state)
{
	struct received got;

	(void)state;
	receive(&got);
	got.headers[4].value = STR("another");
	got.headers[5].value = STR("close");
	got.headers[8] = (struct sigv4_header)H("Via", "1.1 proxy");
	got.rq.n_headers = 9;
	assert_int_equal(judge(&got, SECRET), 0);
}

static void blanks_and_commas_of_the_header_may_differ(void **state)
{
	struct received got;
	BUF(text, 1024);

	(void)state;
	receive(&got);
	for (const char *p = got.authorization; *p; p++)
		if (*p == ',')
			buf_puts(&text, ",\t ");
		else if (*p != ' ' || p[-1] != ',')
			buf_putc(&text, *p);
	authorize(&got, buf_text(&text));
	assert_int_equal(judge(&got, SECRET), 0);
	buf_clear(&text);
	for (const char *p = got.authorization; *p; p++)
		if (*p != ' ' || p[-1] != ',')
			buf_putc(&text, *p);
	authorize(&got, buf_text(&text));
	assert_int_equal(judge(&got, SECRET), 0);
}

static void another_secret_is_denied(void **state)
{
	struct received got;

	(void)state;
	receive(&got);
	assert_int_equal(judge(&got, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEZ"), ERR_DENIED);
	assert_int_equal(judge(&got, ""), ERR_DENIED);
}

static void each_changed_part_of_the_request_is_denied(void **state)
{
	struct received got;

	(void)state;
	receive(&got);
	got.rq.method = STR("PUT");
	assert_int_equal(judge(&got, SECRET), ERR_DENIED);
	receive(&got);
	got.rq.path = STR("/x");
	assert_int_equal(judge(&got, SECRET), ERR_DENIED);
	receive(&got);
	got.rq.query = STR("x=1");
	assert_int_equal(judge(&got, SECRET), ERR_DENIED);
	receive(&got);
	got.rq.body.n--;
	assert_int_equal(judge(&got, SECRET), ERR_DENIED);
	for (size_t i = 0; i < 7; i++) {
		receive(&got);
		if (i == 4 || i == 5)
			continue;
		got.headers[i].value = i == 3 ? STR("20150830T123601Z") : STR("changed");
		assert_int_equal(judge(&got, SECRET), ERR_DENIED);
	}
}

static void each_removed_or_doubled_header_is_denied(void **state)
{
	static const size_t removable[] = { 0, 1, 2, 6 };
	struct received got;

	(void)state;
	for (size_t i = 0; i < COUNT(removable); i++) {
		receive(&got);
		got.headers[removable[i]].name = STR("x-other");
		assert_int_equal(judge(&got, SECRET), ERR_DENIED);
		receive(&got);
		got.headers[8] = got.headers[removable[i]];
		got.rq.n_headers = 9;
		assert_int_equal(judge(&got, SECRET), ERR_DENIED);
	}
	receive(&got);
	got.headers[3].name = STR("x-other");
	assert_int_equal(judge(&got, SECRET), ERR_FORMAT);
}

static void an_x_amz_header_that_is_not_signed_is_denied(void **state)
{
	struct received got;

	(void)state;
	receive(&got);
	got.headers[8] = (struct sigv4_header)H("X-aMZ-User", "root");
	got.rq.n_headers = 9;
	assert_int_equal(judge(&got, SECRET), ERR_DENIED);
}

/* A header whose names are all signed, but without host. */
static void a_request_whose_host_is_not_signed_is_denied(void **state)
{
	struct received got;
	struct sigv4_claim claim;

	(void)state;
	receive(&got);
	assert_int_equal(sigv4_read(&got.rq, &claim), 0);
	claim.signed_names = STR("content-type;x-amz-date;x-amz-security-token;x-amz-target");
	assert_int_equal(sigv4_verify(&got.rq, &claim, STR(SECRET)), ERR_DENIED);
	assert_string_equal(err_text(),
		"'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
}

static void a_list_of_names_is_lower_case_sorted_and_has_each_once(void **state)
{
	static const char *const bad[] = { "Host;x-amz-date", "x-amz-date;host",
		"host;host;x-amz-date", "host;;x-amz-date", ";host;x-amz-date", "host;x-amz-date;",
		"host x-amz-date", "host;x-amz-date;x-not-there" };
	struct sigv4_header headers[2];
	struct sigv4_request rq = get("/", "", headers, NULL, 0);
	struct sigv4_claim claim = { STR(ID), STR("20150830"), STR("us-east-1"), STR("service"),
		STR(""), STR("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
		WHEN };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		claim.signed_names = str_of(bad[i]);
		assert_int_equal(sigv4_verify(&rq, &claim, STR(SECRET)), ERR_DENIED);
	}
	claim.signed_names = STR("host;x-amz-date");
	assert_int_equal(sigv4_verify(&rq, &claim, STR(SECRET)), 0);
}

static void each_changed_part_of_the_claim_is_denied(void **state)
{
	struct received got;
	struct sigv4_claim claim, good;

	(void)state;
	receive(&got);
	assert_int_equal(sigv4_read(&got.rq, &good), 0);
	for (int i = 0; i < 7; i++) {
		claim = good;
		switch (i) {
		case 0: claim.date = STR("20150831"); break;
		case 1: claim.region = STR("us-east-2"); break;
		case 2: claim.service = STR("ec2"); break;
		case 3: claim.time++; break;
		case 4: claim.signature.n--; break;
		case 5: claim.signature = STR(""); break;
		case 6:
			claim.signature = STR(
				"b35a504e6d403fe07e5f78f128f578f840018a81c1fac7ae4e6e842ec3a7720e");
			break;
		}
		assert_int_equal(sigv4_verify(&got.rq, &claim, STR(SECRET)), ERR_DENIED);
	}
}

static void an_incomplete_authorization_is_named_in_the_words_of_the_service(void **state)
{
	static const char *const bad[][2] = {
		{ "", "Unsupported AWS 'algorithm': ''*" },
		{ "Basic dXNlcjpwYXNz", "Unsupported AWS 'algorithm': 'Basic'*" },
		{ "AWS4-HMAC-SHA256",
			"Authorization header requires 'Credential' parameter. Authorization "
			"header requires "
			"'Signature' parameter. Authorization header requires 'SignedHeaders' "
			"parameter. *" },
		{ "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host",
			"Authorization header requires 'Signature' parameter. *" },
		{ "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, Signature=00",
			"Authorization header requires 'SignedHeaders' parameter. *" },
		{ "AWS4-HMAC-SHA256 Credential=a/20150830/r/aws4_request, SignedHeaders=host, "
		  "Signature=00",
			"Credential must have exactly 5 *" },
		{ "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request/x, SignedHeaders=host, "
		  "Signature=00",
			"Credential must have exactly 5 *" },
		{ "AWS4-HMAC-SHA256 Credential=//r/s/aws4_request, SignedHeaders=host, "
		  "Signature=00",
			"Credential must have exactly 5 *" },
	};
	struct received got;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		size_t n = strcspn(bad[i][1], "*");

		receive(&got);
		authorize(&got, bad[i][0]);
		assert_int_equal(judge(&got, SECRET), ERR_FORMAT);
		assert_memory_equal(err_text(), bad[i][1], n);
	}
	receive(&got);
	got.rq.n_headers = 7;
	assert_int_equal(judge(&got, SECRET), ERR_ABSENT);
}

static void a_date_that_is_none_is_refused(void **state)
{
	struct received got;
	struct sigv4_claim claim;

	(void)state;
	receive(&got);
	got.headers[3].value = STR("yesterday");
	assert_int_equal(judge(&got, SECRET), ERR_FORMAT);
	got.headers[3] = (struct sigv4_header)H("Date", "Sun, 30 Aug 2015 12:36:00 GMT");
	assert_int_equal(sigv4_read(&got.rq, &claim), 0);
	assert_int_equal(claim.time, WHEN);
	got.headers[3].value = STR("Sun, 30 Aug 2015");
	assert_int_equal(judge(&got, SECRET), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_official_vectors_are_reproduced),
		cmocka_unit_test(paths_queries_and_values_are_canonical_as_botocore_has_them),
		cmocka_unit_test(a_push_is_signed_as_botocore_signs_it),
		cmocka_unit_test(a_tunnel_is_presigned_as_botocore_and_the_aws_cli_do),
		cmocka_unit_test(what_is_encoded_in_a_path_is_encoded_again),
		cmocka_unit_test(dots_and_double_slashes_leave_a_path),
		cmocka_unit_test(the_path_of_an_s3_request_stays_as_it_is),
		cmocka_unit_test(queries_are_sorted_by_name_and_then_by_value),
		cmocka_unit_test(a_query_that_is_damaged_or_too_long_is_refused),
		cmocka_unit_test(
			white_space_in_values_is_squeezed_even_between_quotes_and_over_folded_lines),
		cmocka_unit_test(a_request_without_host_or_with_another_date_is_not_signed),
		cmocka_unit_test(what_was_signed_is_read_and_proven),
		cmocka_unit_test(headers_that_proxies_change_do_not_matter),
		cmocka_unit_test(blanks_and_commas_of_the_header_may_differ),
		cmocka_unit_test(another_secret_is_denied),
		cmocka_unit_test(each_changed_part_of_the_request_is_denied),
		cmocka_unit_test(each_removed_or_doubled_header_is_denied),
		cmocka_unit_test(an_x_amz_header_that_is_not_signed_is_denied),
		cmocka_unit_test(a_request_whose_host_is_not_signed_is_denied),
		cmocka_unit_test(a_list_of_names_is_lower_case_sorted_and_has_each_once),
		cmocka_unit_test(each_changed_part_of_the_claim_is_denied),
		cmocka_unit_test(an_incomplete_authorization_is_named_in_the_words_of_the_service),
		cmocka_unit_test(a_date_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
