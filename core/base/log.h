/* log.h - what is said to people: stderr, syslog, the kernel's log */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/err.h"

/* Levels are syslog's. A line is at most 1,000 bytes; control characters and bytes over 0x7e become
 * '?', because names from the network end up here and no terminal or log may obey them. */
enum { LOGLEVEL_WARNING = 4, LOGLEVEL_INFO = 6, LOGLEVEL_DEBUG = 7 };

/* Where lines go; several may be set. Nothing is set at start: core is silent until the applet
 * decides. */
enum {
	LOG_TO_STDERR = 1, /* every level up to the one chosen; "ident: words" */
	LOG_TO_SYSLOG = 2, /* /dev/log, authpriv, from info up; where nobody listens, the next */
	LOG_TO_KMSG = 4,   /* /dev/kmsg, from info up: in an initramfs there is no daemon */
};

/* ident must outlive the log. stderr_level is the least important level that stderr shows. */
void log_open(const char *ident, int targets, int stderr_level);
void log_close(void);

void log_warn(const char *fmt, ...) PRINTF(1, 2);
void log_info(const char *fmt, ...) PRINTF(1, 2);
void log_debug(const char *fmt, ...) PRINTF(1, 2);

#endif
