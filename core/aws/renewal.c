/* renewal.c - who renews a session that the AWS CLI has left in a file, when several would
 *
 * A refresh token serves once: of two that send it the second is refused, or takes the session away
 * from both. So a lock is held from before the file is read until its successor is in place. It is
 * on the folder, since the file is replaced and a file of our own would stay behind. Where there
 * are no locks, or somebody holds one too long, it goes on without: the AWS CLI takes none. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "aws/provider.h"
#include "base/io.h"
#include "base/log.h"

#define WAIT_MS 30000
#define PAUSE_MS 20

int renewal_begin(const char *path)
{
	struct deadline d = deadline_in(WAIT_MS);
	const char *slash = strrchr(path, '/');
	BUF(folder, CONFIG_PATH_MAX);
	bool said = false;
	int fd;

	buf_add(&folder, path, slash ? (size_t)(slash - path) : 0);
	fd = open(buf_text(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK &&
		!deadline_passed(d)) {
		if (!said)
			log_debug("%s: somebody else renews it: waiting", path);
		said = true;
		(void)poll(NULL, 0, PAUSE_MS);
	}
	return fd;
}

void renewal_end(int lock)
{
	if (lock >= 0)
		close(lock);
}

void renewal_write(struct creds_world *w, const char *path, struct json old, struct json fresh,
	bool (*own)(struct json_out *o, struct json name, const void *owner), const void *owner)
{
	struct json_out o = json_out(&w->work, 2);
	struct json token = json_get(fresh, "refreshToken");
	BUF(name, 256);
	int r;

	buf_clear(&w->work);
	json_open(&o, '{');
	for (struct json i = json_first(old); json_type(i) != JSON_NONE; i = json_next(old, i)) {
		bool renewed = json_is(i, "refreshToken") && json_type(token) == JSON_STRING;
		struct json v = renewed ? token : json_value(i);
		struct str raw = json_raw(v);

		buf_clear(&name);
		if (json_text(i, &name) < 0)
			continue;
		json_name(&o, buf_text(&name));
		/* with its quotes */
		if (json_type(v) == JSON_STRING)
			raw = (struct str){ raw.p - 1, raw.n + 2 };
		if (!own(&o, i, owner))
			json_add_raw(&o, raw);
	}
	json_close(&o, '}');
	r = buf_check(&w->work, path);
	if (r == 0)
		r = io_write_file(path, w->work.p, w->work.len, 0600, true);
	if (r < 0)
		log_warn("%s: could not be renewed: %s", path, err_text());
	buf_wipe(&w->work);
}
