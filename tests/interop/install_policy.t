# install_policy.t - the lines of SELinux policy that install has, through the real compiler of policy
. "${0%/*}/../lib.sh"
. "${0%/*}/../image.sh"

root=$(CACHE=${CACHE:-$HOME/.cache/eicbox} "$TOP/tools/unpack" secilc 2>"$tmp/why") || {
	cannot 'the lines compile' "$(tail -n 1 "$tmp/why")"
	done_testing
}
make_tree
mkdir "$tree/etc/selinux"
echo SELINUX=enforcing >"$tree/etc/selinux/config"
install >/dev/null 2>"$tmp/advice"
grep '^ *(' "$tmp/advice" >"$tmp/eicbox.cil"
ok 'install prints lines' test -s "$tmp/eicbox.cil"

# the least that a policy is made of
cat >"$tmp/base.cil" <<'EOT'
(handleunknown allow)
(mls false)
(policycap open_perms)
(class tcp_socket (name_connect name_bind))
(classorder (tcp_socket))
(sid kernel)
(sidorder (kernel))
(user u)
(role r)
(type kernel_t)
(userrole u r)
(roletype r kernel_t)
(sensitivity s0)
(sensitivityorder (s0))
(category c0)
(categoryorder (c0))
(sensitivitycategory s0 (c0))
(level low (s0))
(levelrange low_low (low low))
(userlevel u low)
(userrange u low_low)
(sidcontext kernel (u r kernel_t low_low))
(allow kernel_t kernel_t (tcp_socket (name_bind)))
EOT
compile() { # LINE...: with these lines of a distribution's policy
	printf '%s\n' "$@" >"$tmp/distribution.cil"
	LD_LIBRARY_PATH=$(libraries "$root") "$root/usr/bin/secilc" -o "$tmp/policy" -f "$tmp/contexts" \
		"$tmp/base.cil" "$tmp/distribution.cil" "$tmp/eicbox.cil" || return 1
}
never='(neverallow sshd_t http_port_t (tcp_socket (name_connect)))'
never_session='(neverallow sshd_session_t http_port_t (tcp_socket (name_connect)))'

ok 'they compile where sshd has one domain' compile '(type sshd_t)' '(type http_port_t)'
ok 'and where sessions have their own' compile '(type sshd_t)' '(type http_port_t)' '(type sshd_session_t)'
refute 'a policy without the domain of sshd is no place for them' compile '(type http_port_t)'
refute 'nor is one without the ports of the web' compile '(type sshd_t)'
refute 'they allow sshd the connection' compile '(type sshd_t)' '(type http_port_t)' "$never"
like 'which is what a rule against it stumbles over' '*neverallow*' "$out$err"
refute 'and its sessions, where there are any' compile '(type sshd_t)' '(type http_port_t)' '(type sshd_session_t)' "$never_session"
ok 'nothing but the connection' compile '(type sshd_t)' '(type http_port_t)' '(type sshd_session_t)' \
	'(neverallow sshd_t self (tcp_socket (name_connect)))' '(neverallow sshd_t http_port_t (tcp_socket (name_bind)))' \
	'(neverallow sshd_session_t http_port_t (tcp_socket (name_bind)))'
done_testing
