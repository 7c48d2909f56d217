# image.sh - the root folder of an image in $tmp, to set up below
#
#	. "${0%/*}/../lib.sh"
#	. "${0%/*}/../image.sh"
#	make_tree                    # $tree, anew; its programs would leave a mark in $tmp/ran if they ran
#
# conf LINE...            what its sshd_config is
# agent_files             the shell agent in $agents
# install OPTION...       sets it up
# manifest                path, mode, owner, target, hash and attributes of everything
# remember, same NAME     keeps the manifest; compares with it

tree=$tmp/tree
agents=$tree/usr/share/ec2-instance-connect

make_tree() {
	rm -rf "$tree"
	mkdir -p "$tree/usr/bin" "$tree/usr/sbin" "$tree/etc/ssh/sshd_config.d" "$tree/var/lib"
	chmod -R 755 "$tree"
	cp "$EICBOX" "$tree/usr/bin/eicbox"
	printf 'root:x:0:0:root:/root:/bin/sh\nsystemd-x:x:999:998::/:/bin/false\n' >"$tree/etc/passwd"
	printf 'root:x:0:\n' >"$tree/etc/group"
	printf 'root:*:1::::::\n' >"$tree/etc/shadow"
	printf 'root:*::' >"$tree/etc/gshadow"
	printf 'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n' >"$tree/etc/ssh/sshd_config"
	for program in sshd semodule nologin systemctl; do
		printf '#!/bin/sh\necho ran >>%s\n' "$tmp/ran" >"$tree/usr/sbin/$program"
		chmod 755 "$tree/usr/sbin/$program"
	done
	chmod 600 "$tree/etc/shadow" "$tree/etc/gshadow" "$tree/etc/ssh/sshd_config"
}
conf() {
	printf '%s\n' "$@" >"$tree/etc/ssh/sshd_config"
}
agent_files() {
	mkdir -p "$agents"
	for name in run curl parse; do
		printf '#!/bin/sh\n# %s\n' $name >"$agents/eic_${name}_authorized_keys"
		chmod 755 "$agents/eic_${name}_authorized_keys"
	done
}
manifest() { "$TOP/tests/manifest" "$tree"; }
same() {
	manifest >"$tmp/after"
	ok "$1" diff "$tmp/before" "$tmp/after"
}
remember() { manifest >"$tmp/before"; }
install() { "$EICBOX" install --prefix "$tree" "$@"; }
