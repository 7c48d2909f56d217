/* initramfs.c - the files that the makers of initramfs images want, which come with this one */
#include "applets/install/plan.h"

int plan_initramfs(struct plan *p, const char *maker)
{
	(void)p;
	return err(
		ERR_USAGE, "option --initramfs: debian, dracut or mkinitcpio, not \"%s\"", maker);
}
