/* folder.c - the entries of a folder, without a heap */
#define _GNU_SOURCE
#include "base/folder.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One entry as the kernel writes it (getdents64(2)). */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t bytes;
	uint8_t type;
	char name[];
};

int folder_each(int fd, const char *path, int (*each)(void *owner, int folder, const char *name),
	void *owner)
{
	_Alignas(struct entry) char entries[4096];
	unsigned count = 0;
	long n;
	int r;

	while ((n = syscall(SYS_getdents64, fd, entries, sizeof(entries))) > 0) {
		for (long at = 0; at < n;) {
			const struct entry *e = (const void *)(entries + at);

			at += e->bytes;
			if (++count > FOLDER_ENTRIES_MAX)
				return err(ERR_LIMIT, "%s: more than %d entries", path,
					FOLDER_ENTRIES_MAX);
			r = each(owner, fd, e->name);
			if (r < 0)
				return err_in(r, "%s", path);
		}
	}
	return n < 0 ? err_errno("%s", path) : 0;
}
