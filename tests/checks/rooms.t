# rooms.t - rooms look downward only, and the check of it can fail
. "${0%/*}/../lib.sh"

rooms=$TOP/tests/checks/rooms

# planted FILE INCLUDE: a tree with one file
planted() {
	rm -rf "$tmp/tree"
	mkdir -p "$tmp/tree/${1%/*}"
	echo "#include $2" >"$tmp/tree/$1"
	"$rooms" "$tmp/tree"
}

check 'no room of this tree looks upward' 0 '' "$rooms" "$TOP"
check 'a room may look at itself' 0 '' planted core/crypto/a.c '"crypto/pk.h"'
check 'a room may look down' 0 '' planted core/eic/a.c '"base/err.h"'
check 'crypto may use mbedTLS' 0 '' planted core/crypto/a.c '<mbedtls/pk.h>'
check 'net/tls may use mbedTLS' 0 '' planted core/net/tls.c '<mbedtls/ssl.h>'
check 'a room that looks up is found' 1 'core/eic/a.c:1: eic includes net/sock.h*' planted core/eic/a.c '"net/sock.h"'
check 'base that looks at data is found' 1 '*of a room to its right' planted core/base/a.h '"data/json.h"'
check 'core that looks at applets is found' 1 '*core includes applets' planted core/aws/a.c '"applets/applet.h"'
check 'mbedTLS in eic is found' 1 '*only core/crypto*' planted core/eic/a.c '<mbedtls/pk.h>'
check 'mbedTLS in an applet is found' 1 '*only core/crypto*' planted applets/a.c '"mbedtls/pk.h"'
check 'PSA in net/http is found' 1 '*only core/crypto*' planted core/net/http.c '<psa/crypto.h>'
check 'libsodium in base is found' 1 '*only core/crypto*' planted core/base/a.c '<sodium.h>'
check 'jsmn outside data is found' 1 '*only core/data*' planted core/aws/a.c '<jsmn.h>'
check 'sockets in a room that decides are found' 1 '*eic decides*' planted core/eic/a.c '<sys/socket.h>'
check 'a path with .. is found' 1 '*the way up is closed' planted core/eic/a.c '"../net/sock.h"'
check 'a header without its room is found' 1 '*write "data/json.h"' planted core/data/a.c '"json.h"'
check 'a file outside all rooms is found' 1 'core/a.c:*stands in no room' planted core/a.c '"base/err.h"'
check 'an unknown room is found' 1 '*core/misc is no room' planted core/misc/a.c '"base/err.h"'
check 'an include with spaces is found' 1 '*eic includes net/sock.h*' planted core/eic/a.c ' "net/sock.h"'
refute 'an empty tree is no success' "$rooms" "$tmp/nothing"
done_testing
