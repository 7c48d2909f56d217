/* detect.c - is this an EC2 instance, and which one: what the hypervisor left in /sys */
#include "applets/authkeys/detect.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/buf.h"

/* The first bytes of a small file below root, without the white space around them. */
static bool read_small(const char *root, const char *path, struct buf *out)
{
	BUF(name, PATH_MAX);
	ssize_t n;
	int fd;

	buf_addf(&name, "%s/%s", root, path);
	if (name.full)
		return false;
	fd = open(buf_text(&name), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return false;
	n = read(fd, buf_tail(out), buf_room(out));
	close(fd);
	if (n < 0)
		return false;
	buf_grew(out, (size_t)n);
	return true;
}

static bool copy_id(struct machine *m, struct str tag)
{
	tag = str_trim(tag);
	return eic_instance_id_ok(tag) && str_copy(m->id, sizeof(m->id), tag);
}

void detect_machine(struct machine *m, const char *root)
{
	BUF(uuid, EIC_SMALL_MAX);
	BUF(tag, EIC_SMALL_MAX);

	*m = (struct machine){ .why = "neither a Xen uuid nor an asset tag of EC2 in sysfs" };
	if (read_small(root, "devices/virtual/dmi/id/board_asset_tag", &tag) &&
		copy_id(m, buf_view(&tag))) {
		m->ec2 = true;
		m->why = "the board's asset tag is an instance id";
	}
	if (read_small(root, "hypervisor/uuid", &uuid)) {
		m->ec2 = str_starts(buf_view(&uuid), "ec2");
		m->why = m->ec2 ? "the Xen uuid begins with ec2" : "the Xen uuid is not one of EC2";
	}
}
