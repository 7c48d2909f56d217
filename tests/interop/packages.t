# packages.t - the packages install, upgrade and go, on a real Debian, with a login by the real sshd in between
. "${0%/*}/../lib.sh"
. "${0%/*}/../machine.sh"

built=$BUILD/packages
if ! ls "$built"/*_amd64.deb >/dev/null 2>&1; then
	cannot 'the packages' "there are none: make packages PACKAGE_ARCHES=x86_64"
	done_testing
fi
need machine_base machine
enter 'the packages'
machine_begin
rm $machine/usr/bin/eicbox
instance_mock --key-ttl 600
version=$(dpkg-deb -f "$built"/eicbox-agent_*_amd64.deb Version)
dropin=$machine/etc/ssh/sshd_config.d/60-eicbox.conf
# the same binaries as another version
make_packages() { # VERSION FOLDER
	SOURCE_DATE_EPOCH=$epoch LICENCES="$licences" "$TOP/tools/package" "$1" x86_64 "$built/build/x86_64" "$2"
}
mkdir "$tmp/x"
dpkg-deb -x "$built"/eicbox-agent_*_amd64.deb "$tmp/x"
epoch=$(stat -c %Y "$tmp/x/usr/libexec/eicbox/agent")
licences="$(sed -n 's/^\(LIBSODIUM\|JSMN\)_DIR := \(.*\)/\2\/LICENSE/p' "$built/build/x86_64/instance/gen/thirdparty.mk") /usr/share/doc/musl-dev/copyright"

# --- the packages themselves

(cd / && umask 077 && make_packages "$version" "$tmp/again") >"$tmp/err" 2>&1 || note "$(cat "$tmp/err")"
for file in "$tmp"/again/*.deb "$tmp"/again/*.rpm "$tmp"/again/*.tar.gz; do
	ok "made again, the bytes are the same: ${file##*/}" cmp "$file" "$built/${file##*/}"
done
check 'lintian has nothing to say' 0 '' lintian --allow-root --fail-on error,warning "$built"/*.deb
check 'rpmlint has nothing to say' 0 '*0 errors, 0 warnings*' rpmlint -c "$TOP/tools/dist/rpm/rpmlintrc.toml" "$built"/*.rpm
for script in "$TOP"/tools/dist/deb/*.p* "$TOP"/tools/dist/alpine/*install "$built/alpine/APKBUILD"; do
	ok "sh can read ${script##*/}" sh -n "$script"
done
while read -r name profile links; do
	for link in $links; do
		ok "eicbox-$name has $link" sh -c "dpkg-deb -c $built/eicbox-${name}_*_amd64.deb | grep -q 'usr/bin/$link -> ../libexec/eicbox/$name'"
	done
done <<EOF
$(grep -v -e '^#' -e '^$' "$TOP/tools/dist/packages")
EOF

# --- .deb: in, up, out

dpkg() { inside dpkg "$@"; }
cp "$built"/*_amd64.deb $machine/tmp/
make_packages "$version.1" "$tmp/next" >"$tmp/err" 2>&1 || note "$(cat "$tmp/err")"
cp "$tmp/next"/*_amd64.deb $machine/tmp/
agent=/tmp/eicbox-agent_${version}_amd64.deb
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
check 'dpkg upgrades the agent' 0 '*' dpkg -i /tmp/eicbox-agent_$version.1_amd64.deb
is 'to the newer version' "$version.1" "$(dpkg-query --admindir=$machine/var/lib/dpkg -W -f '${Version}' eicbox-agent)"
check 'the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'installed again, nothing changes' 0 '*' dpkg -i /tmp/eicbox-agent_$version.1_amd64.deb
check 'the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'dpkg removes it' 0 '*' again dpkg -r eicbox-agent
check 'the pushed key is refused' 255 '' login ec2-user key id
check 'own keys still count' 0 other login other own id -un
dpkg -r eicbox-client eicbox-devtools >/dev/null
same 'no trace is left'
check 'purged, too' 0 '*' dpkg -P eicbox-agent
same 'no trace is left'
check 'own keys still count' 0 other login other own id -un
ok 'sshd is the same all the time' kill -0 $sshd

# --- .deb: what can be in the way

echo 'AuthorizedKeysCommand /usr/bin/true' >$machine/etc/ssh/sshd_config.d/10-mine.conf
echo 'AuthorizedKeysCommandUser nobody' >>$machine/etc/ssh/sshd_config.d/10-mine.conf
check 'where the slot is taken the package is installed all the same' 0 '*' dpkg -i $agent
err_like 'and says who has it, and how to join' "*10-mine.conf:1: *AuthorizedKeysCommand /usr/libexec/eicbox/agent authkeys --chain '/usr/bin/true %u' %u %f*"
ok 'the slot is left alone' test ! -e $dropin
check 'and the package goes' 0 '*' dpkg -P eicbox-agent
rm $machine/etc/ssh/sshd_config.d/10-mine.conf
mv $machine/etc/ssh/sshd_config "$tmp/sshd_config"
check 'without sshd the package is installed' 0 '*' dpkg -i $agent
ok 'there is nothing to set up' test ! -e $dropin
cp -p "$tmp/sshd_config" $machine/etc/ssh/sshd_config
inside dpkg-trigger --by-package=openssh-server --no-await /usr/sbin/sshd
check 'when sshd comes later, it is set up' 0 '*60-eicbox.conf*' dpkg --configure --pending
echo 'AuthorizedKeysCommand /usr/bin/true' >$machine/etc/ssh/sshd_config.d/10-later.conf
check 'where sshd would fail without it, the package stays' 1 '*' dpkg -r eicbox-agent
ok 'set up as it was' test -e $dropin
rm $machine/etc/ssh/sshd_config.d/10-later.conf
check 'and goes when it can' 0 '*' dpkg -P eicbox-agent
same 'no trace is left'

# --- .rpm

rpm_in() { rpm --root $machine "$@"; }
check 'rpm installs the agent' 0 '*60-eicbox.conf*' again rpm_in -i --nodeps "$built/eicbox-agent-$version-1.x86_64.rpm"
check 'the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'rpm upgrades it' 0 '*' rpm_in -U --nodeps "$tmp/next/eicbox-agent-$version.1-1.x86_64.rpm"
check 'the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'rpm removes it' 0 '*' again rpm_in -e eicbox-agent
check 'the pushed key is refused' 255 '' login ec2-user key id
rm -rf $machine/root/.rpmdb $machine/usr/lib/sysimage # what rpm itself leaves
rmdir $machine/usr/share/licenses
same 'no trace is left'
done_testing
