# namespace.sh - a script goes on in namespaces of its own; what it needs from a network is fetched before
#
#	. "${0%/*}/../lib.sh"
#	. "${0%/*}/../namespace.sh"
#	need root unpack openssh-server       # tools/unpack openssh-server: what it prints is $root
#	enter 'what this is about'            # goes on inside; outside it ends
#
# Inside, mounts, processes and the network are the script's own, and nothing can be fetched any more.
#
# need VAR TOOL [ARG...]   by one of tools/ that prints a folder; where it fails, enter does
# want VAR TOOL [ARG...]   the same for what can be done without: it fails, and VAR is empty
# enter WHAT               starts the script once more, inside; WHAT is what cannot be run otherwise

case ${1-} in
--inside) namespace_inside=yes ;;
*) namespace_inside=no ;;
esac
namespace_missing=

want() {
	namespace_var=$1 namespace_tool=$2
	shift 2
	if [ $namespace_inside = no ]; then
		namespace_got=$("$TOP/tools/$namespace_tool" "$@" 2>"$tmp/.want") || namespace_got=
		eval "$namespace_var=\$namespace_got"
		export "${namespace_var?}"
	fi
	eval "[ -n \"\${$namespace_var-}\" ]"
}

need() {
	want "$@" && return
	if [ $namespace_inside = yes ]; then
		cannot "$2 $3" 'what is needed must be said before enter'
		done_testing
	fi
	namespace_missing=${namespace_missing:-$(tail -n 1 "$tmp/.want")}
}

enter() {
	[ $namespace_inside = no ] || return 0
	if [ "$(id -u)" != 0 ] || ! unshare --mount --net --pid --fork true 2>/dev/null; then
		namespace_missing='it needs root and namespaces (CAP_SYS_ADMIN)'
	fi
	if [ -n "$namespace_missing" ]; then
		cannot "$1" "$namespace_missing"
		done_testing
	fi
	rm -rf "$tmp"
	trap - EXIT
	exec unshare --mount --propagation private --net --pid --fork --kill-child=KILL --mount-proc sh "$0" --inside
}
