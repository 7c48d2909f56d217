/* serve_pages.c - bytes that a socket has not taken or that are no whole request yet, in pages */
#include <string.h>

#include "net/serve_parts.h"

void chain_drop(struct serve *s, struct chain *chain)
{
	while (chain->first) {
		struct page *p = chain->first;

		chain->first = p->next;
		p->next = s->free_pages;
		s->free_pages = p;
		s->pages_left++;
	}
	*chain = (struct chain){ 0 };
}

static struct page *chain_grow(struct serve *s, struct chain *chain)
{
	struct page *p = s->free_pages ? s->free_pages : &s->pages[s->fresh_pages++];

	if (p == s->free_pages)
		s->free_pages = p->next;
	s->pages_left--;
	p->next = NULL;
	*(chain->last ? &chain->last->next : &chain->first) = p;
	chain->last = p;
	return p;
}

/* The caller has seen to it that the pages are there. */
void chain_add(struct serve *s, struct chain *chain, const char *p, size_t n)
{
	while (n > 0) {
		size_t at = (chain->skip + chain->n) % PAGE_BYTES;
		struct page *page = chain->last && at > 0 ? chain->last : chain_grow(s, chain);
		size_t take = PAGE_BYTES - at < n ? PAGE_BYTES - at : n;

		memcpy(page->data + at, p, take);
		chain->n += take;
		p += take;
		n -= take;
	}
}

size_t chain_copy(const struct chain *chain, char *to)
{
	size_t done = 0;

	for (const struct page *p = chain->first; p; p = p->next) {
		size_t n = chain->n - done < PAGE_BYTES ? chain->n - done : PAGE_BYTES;

		memcpy(to + done, p->data, n);
		done += n;
	}
	return done;
}

/* n bytes at the front were sent. */
void chain_sent(struct serve *s, struct chain *chain, size_t n)
{
	chain->n -= n;
	chain->skip += n;
	while (chain->first && (chain->skip >= PAGE_BYTES || chain->n == 0)) {
		struct page *p = chain->first;

		chain->first = p->next;
		chain->skip -= chain->skip < PAGE_BYTES ? chain->skip : PAGE_BYTES;
		p->next = s->free_pages;
		s->free_pages = p;
		s->pages_left++;
	}
	if (!chain->first)
		*chain = (struct chain){ 0 };
}
