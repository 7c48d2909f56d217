/* dns_fuzz.c - an answer of anybody: as many addresses as fit, of the family that was asked for */
#include <stdint.h>
#include <stdlib.h>

#include "net/dns.h"

#define CAP 4

static void read_answer(struct str answer, enum dns_type type)
{
	struct sock_address a[CAP];
	BUF(question, DNS_MESSAGE_MAX);
	int n;

	if (dns_ask(&question, 0x1234, STR("www.example.com"), type) < 0)
		abort();
	n = dns_read(answer, buf_view(&question), a, CAP);
	if (n > CAP)
		abort();
	for (int i = 0; i < n; i++)
		if (a[i].storage.ss_family != (type == DNS_A ? AF_INET : AF_INET6) ||
			sock_port(&a[i]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str answer = { (const char *)data, size };
	BUF(question, DNS_MESSAGE_MAX);

	read_answer(answer, DNS_A);
	read_answer(answer, DNS_AAAA);
	if (dns_ask(&question, 1, answer, DNS_A) == 0 && (question.len < 18 || question.len > 271))
		abort();
	return 0;
}
