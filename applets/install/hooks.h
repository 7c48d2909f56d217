/* hooks.h - the files for makers of initramfs images, as tools/dist/initramfs has them */
#ifndef INSTALL_HOOKS_H
#define INSTALL_HOOKS_H

#include <stddef.h>

#include "base/str.h"

struct hook {
	const char *maker, *path; /* "debian", "/etc/initramfs-tools/hooks/eicbox" */
	unsigned mode;
	struct str data;
};

/* The build makes the table; files of one maker stand together. */
extern const struct hook hook_table[];
extern const size_t hook_count;

#endif
