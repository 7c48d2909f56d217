# packages.t - the packages install, upgrade and go, on a real Debian, with a login by the real sshd in between
. "${0%/*}/../lib.sh"
. "${0%/*}/../machine.sh"

built=$BUILD/packages
binaries=$built/build/x86_64
version=$("$binaries/instance/eicbox" --version 2>/dev/null | sed -n '1s/^eicbox \([^ ,]*\).*/\1/p')
agent=eicbox-agent_${version}_amd64.deb
if [ ! -f "$built/$agent" ]; then
	cannot 'the packages' 'there are none: make packages PACKAGE_ARCHES=x86_64'
	done_testing
fi
need machine_base machine
enter 'the packages'
machine_begin
rm $machine/usr/bin/eicbox
instance_mock --key-ttl 600
dropin=$machine/etc/ssh/sshd_config.d/60-eicbox.conf
state=$machine/var/lib/eicbox
dpkg() { inside dpkg "$@"; }
rpm_in() {
	rpm --root $machine "$@"
	settled $?
}
# the same binaries as another version
SOURCE_DATE_EPOCH=1790000000 "$TOP/tools/package" "$version.1" x86_64 "$binaries" "$tmp/next" >"$tmp/err" 2>&1 || note "$(cat "$tmp/err")"
cp "$built"/*_"${version}"_amd64.deb "$tmp/next"/*_amd64.deb $machine/tmp/
next=/tmp/eicbox-agent_$version.1_amd64.deb
agent=/tmp/$agent
sshd_trigger() {
	inside dpkg-trigger --by-package=openssh-server --no-await /usr/sbin/sshd
	dpkg --configure --pending
}
users() { grep -c ^ec2-instance-connect: $machine/etc/passwd; }

# --- .deb: in, up, out

machine_keys
remember
machine_sshd
instance_push ec2-user "$tmp/key"
check 'before, a pushed key is refused' 255 '' login ec2-user key id
check 'dpkg installs the agent' 0 '*60-eicbox.conf*' again dpkg -i $agent
check 'the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'own keys still count' 0 other login other own id -un
check 'eic-install --status finds nothing wrong' 0 '*takes effect*' inside eic-install --status
check 'the client and the tools beside it' 0 '*' dpkg -i /tmp/eicbox-client_${version}_amd64.deb /tmp/eicbox-devtools_${version}_amd64.deb
for link in eic-authkeys eic-keygen eic-push eic-metadata-mock eic-policy-check; do
	check "$link answers" 0 'Usage: *' inside $link --help
done
check 'dpkg upgrades the agent' 0 '*' dpkg -i $next
is 'to the newer version' "$version.1" "$(dpkg-query --admindir=$machine/var/lib/dpkg -W -f '${Version}' eicbox-agent)"
check 'the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'installed again, nothing changes' 0 '*' dpkg -i $next
check 'the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'dpkg removes it' 0 '*' again dpkg -r eicbox-agent
check 'the pushed key is refused' 255 '' login ec2-user key id
check 'own keys still count' 0 other login other own id -un
dpkg -r eicbox-client eicbox-devtools >/dev/null 2>&1
same 'no trace is left'
check 'purged, too' 0 '*' dpkg -P eicbox-agent
same 'no trace is left'
ok 'sshd is the same all the time' kill -0 $sshd
dpkg -i $agent >/dev/null 2>&1
check 'an upgrade that is cut short' 0 '*' dpkg --unpack $next
check 'leaves a package that can be removed' 0 '*undo file*' dpkg -r eicbox-agent
dpkg -P eicbox-agent >/dev/null 2>&1
same 'no trace is left'
dpkg -i $agent >/dev/null 2>&1
dpkg --unpack $next >/dev/null 2>&1
check 'or finished' 0 '*' dpkg --configure eicbox-agent
is 'which leaves what was there before' 'install package' "$(echo $(ls $state))"
dpkg -P eicbox-agent >/dev/null 2>&1
same 'no trace is left'

# --- .deb: what can be in the way

echo 'AuthorizedKeysCommand /usr/bin/true' >$machine/etc/ssh/sshd_config.d/10-mine.conf
echo 'AuthorizedKeysCommandUser nobody' >>$machine/etc/ssh/sshd_config.d/10-mine.conf
check 'where the slot is taken the package is installed all the same' 0 '*' dpkg -i $agent
err_like 'and says who has it, and how to join' "*10-mine.conf:1: *AuthorizedKeysCommand /usr/libexec/eicbox/agent authkeys --chain '/usr/bin/true \"%u\"' %u %f*"
ok 'the slot is left alone' test ! -e $dropin
rm $machine/etc/ssh/sshd_config.d/10-mine.conf
check 'once it is free, an upgrade tries again' 0 '*60-eicbox.conf*' dpkg -i $next
check 'and the package goes' 0 '*' dpkg -P eicbox-agent
mv $machine/etc/ssh/sshd_config "$tmp/sshd_config"
check 'without sshd the package is installed' 0 '*' dpkg -i $agent
ok 'there is nothing to set up' test ! -e $dropin
cp -p "$tmp/sshd_config" $machine/etc/ssh/sshd_config
check 'when sshd comes later, it is set up' 0 '*60-eicbox.conf*' sshd_trigger
echo 'AuthorizedKeysCommand /usr/bin/true' >$machine/etc/ssh/sshd_config.d/10-later.conf
check 'where sshd would fail without it, the package stays' 1 '*' dpkg -r eicbox-agent
ok 'set up as it was' test -e $dropin
rm $machine/etc/ssh/sshd_config.d/10-later.conf
rm $machine/etc/ssh/sshd_config
check 'when sshd goes first' 0 '*' sshd_trigger
is 'nobody is told to set it up' '' "$err"
cp -p "$tmp/sshd_config" $machine/etc/ssh/sshd_config
check 'and goes when it can' 0 '*' dpkg -P eicbox-agent
same 'no trace is left'

# --- .deb: what somebody else wants

cp "$binaries/instance/eicbox" $machine/usr/bin/eicbox
check 'somebody sets up an eicbox of his own' 0 '*60-eicbox.conf*' inside eicbox install
check 'beside it the package is installed' 0 '*' dpkg -i $agent
err_like 'and says who was first' '*eicbox-agent: not set up: /usr/bin/eicbox has set up this machine*'
check 'and is purged' 0 '*' dpkg -P eicbox-agent
err_like 'which it says, too' '*what /usr/bin/eicbox has set up stays*'
ok 'the other one is set up as before' grep -q 'AuthorizedKeysCommand /usr/bin/eicbox ' $dropin
is 'with its user' 1 "$(users)"
dpkg -i $agent >/dev/null 2>&1
rm $machine/usr/bin/eicbox
check 'when the other one is gone' 0 '*undo file*60-eicbox.conf*' dpkg -i $next
ok 'the package takes its place' grep -q 'AuthorizedKeysCommand /usr/libexec/eicbox/agent ' $dropin
dpkg -P eicbox-agent >/dev/null 2>&1
same 'no trace is left'

dpkg -i $agent >/dev/null 2>&1
check 'somebody does not want it' 0 '*undo file*' inside eic-install --remove
check 'an upgrade comes' 0 '*' dpkg -i $next
err_like 'and says how to set it up again' "*sshd does not ask it*'eic-install --sshd'*"
ok 'which it does not do' test ! -e $dropin
check 'sshd is upgraded' 0 '*' sshd_trigger
ok 'and it is not set up again' test ! -e $dropin

# dpkg runs the scripts outside the root: what runs out there is none of its business
mkdir -p $machine/tmp/image/etc/ssh/sshd_config.d $machine/tmp/image/var/lib/dpkg/info $machine/tmp/image/var/lib/dpkg/updates
cp $machine/etc/passwd $machine/etc/group $machine/tmp/image/etc/
echo 'Include /etc/ssh/sshd_config.d/*.conf' >$machine/tmp/image/etc/ssh/sshd_config
: >$machine/tmp/image/var/lib/dpkg/status
image() { inside dpkg --root=/tmp/image --force-script-chrootless --force-not-root "$@"; }
check 'dpkg installs it into an image without entering that' 0 '*60-eicbox.conf*' image -i $agent
ok 'the image is set up' grep -q 'AuthorizedKeysCommand /usr/libexec/eicbox/agent ' $machine/tmp/image/etc/ssh/sshd_config.d/60-eicbox.conf
ok 'and not this machine' test ! -e $dropin
check 'dpkg purges it there' 0 '*undo file*' image -P eicbox-agent
is 'the image has nothing left of it' '' \
	"$(find $machine/tmp/image -path '*/var/lib/dpkg' -prune -o -name '*eicbox*' -print; grep -hs ec2-instance-connect $machine/tmp/image/etc/*)"

dpkg -r eicbox-agent >/dev/null 2>&1
dpkg -i $agent >/dev/null 2>&1
ok 'removed and installed again, it is still not set up' test ! -e $dropin
check 'after a purge' 0 '*' dpkg -P eicbox-agent
same 'no trace is left'
check 'it is, when it is installed' 0 '*60-eicbox.conf*' dpkg -i $agent
rm $dropin
check 'somebody deletes the file, and an upgrade comes' 0 '*' dpkg -i $next
ok 'that does not bring it back' test ! -e $dropin
check 'eic-install --sshd does' 0 '*60-eicbox.conf*' inside eic-install --sshd
dpkg -P eicbox-agent >"$tmp/undone" 2>/dev/null
is 'it is undone once' 1 "$(grep -c 'undo file .*60-eicbox.conf' "$tmp/undone")"
same 'no trace is left'

dpkg -i $agent >/dev/null 2>&1
mkdir -p $machine/usr/share/initramfs-tools $machine/tmp/initramfs
echo 'manual_add_modules() { :; }; copy_exec() { echo "copy_exec $*"; }' >$machine/usr/share/initramfs-tools/hook-functions
check 'it brings the hook of the initramfs, too' 0 '*/etc/initramfs-tools/hooks/eicbox*' inside eic-install --initramfs debian
check 'which finds its program' 0 'copy_exec /usr/libexec/eicbox/agent /usr/bin/eicbox*' \
	inside env DESTDIR=/tmp/initramfs /etc/initramfs-tools/hooks/eicbox
rm -r $machine/usr/share/initramfs-tools
echo '# mine' >>$dropin
check 'somebody edits the file, and an upgrade comes' 0 '*' dpkg -i $next
ok 'that keeps the edit' grep -q '^# mine' $dropin
check 'so does a purge' 0 '*' dpkg -P eicbox-agent
edited=$(find $machine/etc/ssh -name '*.eicbox-changed')
ok 'under another name' grep -q '^# mine' "$edited"
ok 'which sshd does not read' test ! -e $dropin
rm "$edited"
same 'else no trace is left'

# --- .rpm

check 'rpm installs the agent' 0 '*60-eicbox.conf*' again rpm_in -i --nodeps "$built/eicbox-agent-$version-1.x86_64.rpm"
check 'the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'rpm upgrades it' 0 '*' rpm_in -U --nodeps "$tmp/next/eicbox-agent-$version.1-1.x86_64.rpm"
check 'the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'rpm removes it' 0 '*' again rpm_in -e eicbox-agent
check 'the pushed key is refused' 255 '' login ec2-user key id

# openssh_rpm VERSION: an openssh-server that has nothing in it
openssh_rpm() {
	printf '%s\n' 'Name: openssh-server' "Version: $1" 'Release: 1' 'License: none' 'Summary: none' 'BuildArch: noarch' \
		'%description' '%files' >"$tmp/openssh.spec"
	rpmbuild -bb --quiet -D "_topdir $tmp/rpm" -D "_rpmdir $tmp" "$tmp/openssh.spec" >/dev/null 2>&1
	rpm_in -U --nodeps "$tmp/noarch/openssh-server-$1-1.noarch.rpm"
}
rm $machine/etc/ssh/sshd_config
check 'rpm installs the agent without sshd' 0 '*' rpm_in -i --nodeps "$built/eicbox-agent-$version-1.x86_64.rpm"
cp -p "$tmp/sshd_config" $machine/etc/ssh/sshd_config
check 'when sshd comes later, it is set up' 0 '*60-eicbox.conf*' openssh_rpm 1
check 'somebody does not want it' 0 '*undo file*' inside eic-install --remove
check 'sshd is upgraded' 0 '*' openssh_rpm 2
ok 'and it is not set up again' test ! -e $dropin
rpm_in -U --nodeps "$tmp/next/eicbox-agent-$version.1-1.x86_64.rpm" >/dev/null 2>&1
ok 'nor by an upgrade' test ! -e $dropin
check 'rpm removes it' 0 '*' rpm_in -e eicbox-agent openssh-server

# --- into a root in which nothing is mounted

umount $machine/proc
# in_bare FORMAT CMD...
in_bare() {
	bare=$1
	shift
	check "$bare installs the agent where there is no /proc" 0 '*60-eicbox.conf*' "$@"
	ok 'under the path that it has' grep -q '^AuthorizedKeysCommand /usr/libexec/eicbox/agent authkeys %u %f$' $dropin
}
in_bare rpm rpm_in -i --nodeps "$built/eicbox-agent-$version-1.x86_64.rpm"
rpm_in -e eicbox-agent >/dev/null 2>&1
rm -rf $machine/root/.rpmdb $machine/usr/lib/sysimage # what rpm itself leaves
rmdir $machine/usr/share/licenses
in_bare dpkg command dpkg --root=$machine -i "$built/${agent#/tmp/}"
mount -t proc proc $machine/proc
check 'booted, the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
sed -i 's,/usr/libexec/eicbox/agent,/usr/libexec/eicbox,' $dropin $state/install
rm $state/package
check 'what was set up for a folder instead of a program' 0 '*undo file*60-eicbox.conf*' dpkg -i $next
ok 'is mended by an upgrade' grep -q '^AuthorizedKeysCommand /usr/libexec/eicbox/agent authkeys %u %f$' $dropin
dpkg -P eicbox-agent >/dev/null 2>&1
same 'no trace is left'

dpkg -i $agent >/dev/null 2>&1
rm -r $state
check 'where the record of what was done is lost, what is ours to the last byte goes' 0 '*undo file*60-eicbox.conf*' dpkg -P eicbox-agent
ok 'so it is gone' test ! -e $dropin
dpkg -i $agent >/dev/null 2>&1
rm -r $state
echo '# mine' >>$dropin
check 'what somebody has edited stays' 0 '*' dpkg -P eicbox-agent
err_like 'and he is told what has to be done by hand' "*60-eicbox.conf:2: still has /usr/libexec/eicbox/agent authkeys %u %f; that is not on record*"
done_testing
