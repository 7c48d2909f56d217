# signer.sh - a signer as EC2 Instance Connect has one, made by openssl alone
#
#	. "${0%/*}/../signer.sh"
#
# signer_make DIR CN            root, intermediate and leaf (root.pem mid.pem leaf.pem and their .key), chain.pem
# signer_leaf DIR NAME CN EXT [DAYS] one more leaf below mid, with these lines of extensions
# signer_staple DIR ABOUT ISSUER OUT [OPTION...]  DER of an OCSP response (openssl ocsp's options: -status is ours)
# signer_sha1 CERT              the name that the service gives to its staple
# signer_block DIR EXPIRY INSTANCE KEYLINE [SALT] a signed block on stdout, with a caller and a request
# signer_sign DIR FILE [SALT]   base64 of the leaf's signature over FILE, on one line
# signer_tree DIR TREE          what the metadata service serves of it
# signer_service                a signer of us-east-1 in $s, and at $url hostile.pl with its folder $h, without faults;
#                               $keys are the users of the instance $id

signer_log() {
	"$@" 2>"$tmp/.openssl" || { note "openssl failed: $*" && note "$(cat "$tmp/.openssl")" && return 1; }
}

signer_conf() {
	printf '[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = %s\n[ext]\n%s\n' "$1" "$2"
}

signer_key() {
	signer_log openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1" 2>/dev/null ||
		signer_log openssl genrsa -out "$1" 2048
}

# signer_issue DIR NAME ISSUER CN EXTENSIONS DAYS
signer_issue() {
	signer_conf "$4" "$5" >"$1/$2.cnf"
	[ -f "$1/$2.key" ] || signer_key "$1/$2.key"
	signer_log openssl req -new -key "$1/$2.key" -config "$1/$2.cnf" -out "$1/$2.csr"
	signer_serial=$((${signer_serial:-4096} + 1))
	signer_log openssl x509 -req -in "$1/$2.csr" -CA "$1/$3.pem" -CAkey "$1/$3.key" -set_serial $signer_serial \
		-sha256 -days "$6" -extfile "$1/$2.cnf" -extensions ext -out "$1/$2.pem"
}

signer_leaf() {
	signer_issue "$1" "$2" mid "$3" "$4" "${5:-30}"
}

signer_make() {
	mkdir -p "$1"
	signer_key "$1/root.key"
	signer_conf "Test root of openssl" "$(printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign')" \
		>"$1/root.cnf"
	signer_log openssl req -x509 -new -key "$1/root.key" -sha256 -days 60 -config "$1/root.cnf" -extensions ext \
		-out "$1/root.pem"
	signer_issue "$1" mid root "Test intermediate" \
		"$(printf 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign,digitalSignature')" 50
	signer_leaf "$1" leaf "$2" "$(printf '%s\n' "subjectAltName=DNS:$2" 'basicConstraints=CA:FALSE' \
		'keyUsage=critical,digitalSignature,keyEncipherment' 'extendedKeyUsage=serverAuth,clientAuth')"
	cat "$1/leaf.pem" "$1/mid.pem" "$1/root.pem" >"$1/chain.pem"
	signer_staple "$1" leaf mid "$1/leaf.ocsp"
	signer_staple "$1" mid root "$1/mid.ocsp"
}

# openssl answers from an index of certificates: V valid, R revoked
signer_index() {
	signer_number=$(openssl x509 -noout -serial -in "$1/$2.pem" | sed 's/serial=//')
	case $3 in
	good) printf 'V\t491231235959Z\t\t%s\tunknown\t/CN=x\n' "$signer_number" ;;
	revoked) printf 'R\t491231235959Z\t240101000000Z\t%s\tunknown\t/CN=x\n' "$signer_number" ;;
	unknown) ;;
	esac >"$1/index"
	: >"$1/index.attr"
}

# signer_staple DIR ABOUT ISSUER OUT [STATUS [OPTION...]]: options are openssl's, -rsigner and -rkey among them
signer_staple() {
	signer_dir=$1 signer_about=$2 signer_issuer=$3 signer_out=$4 signer_status=${5:-good}
	shift 4
	[ $# -eq 0 ] || shift
	signer_index "$signer_dir" "$signer_about" "$signer_status"
	[ $# -gt 0 ] || set -- -ndays 3
	case " $* " in
	*' -rsigner '*) ;;
	*) set -- "$@" -rsigner "$signer_dir/$signer_issuer.pem" -rkey "$signer_dir/$signer_issuer.key" ;;
	esac
	signer_log openssl ocsp -issuer "$signer_dir/$signer_issuer.pem" ${signer_md:-} -cert "$signer_dir/$signer_about.pem" \
		-no_nonce -reqout "$signer_dir/request" >/dev/null
	signer_log openssl ocsp -index "$signer_dir/index" -CA "$signer_dir/$signer_issuer.pem" -reqin "$signer_dir/request" \
		-respout "$signer_out" "$@" >/dev/null
}

signer_sha1() {
	openssl x509 -noout -fingerprint -sha1 -in "$1" | sed 's/.*=//; s/://g'
}

signer_sign() {
	openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt "rsa_pss_saltlen:${3:-32}" \
		-sign "$1/${signer_leaf_name:-leaf}.key" "$2" | openssl base64 -A
}

# signer_signed DIR: signs stdin, and prints it with signature and blank line
signer_signed() {
	cat >"$1/text"
	cat "$1/text"
	printf '%s\n\n' "$(signer_sign "$1" "$1/text" "${2:-32}")"
}

signer_block() {
	printf '#Timestamp=%s\n#Instance=%s\n#Caller=%s\n#Request=%s\n%s\n' "$2" "$3" \
		arn:aws:iam::123456789012:user/alice 6f1c1c3e-0000-4000-8000-000000000001 "$4" |
		signer_signed "$1" "${5:-32}"
}

signer_tree() {
	mkdir -p "$2/meta-data/managed-ssh-keys/active-keys" "$2/meta-data/managed-ssh-keys/signer-ocsp" \
		"$2/meta-data/placement" "$2/meta-data/services"
	printf 'i-0123456789abcdef0' >"$2/meta-data/instance-id"
	printf 'us-east-1' >"$2/meta-data/placement/region"
	printf 'us-east-1a' >"$2/meta-data/placement/availability-zone"
	printf 'amazonaws.com' >"$2/meta-data/services/domain"
	cp "$1/chain.pem" "$2/meta-data/managed-ssh-keys/signer-cert"
	for signer_about in leaf mid; do
		openssl base64 -in "$1/$signer_about.ocsp" \
			-out "$2/meta-data/managed-ssh-keys/signer-ocsp/$(signer_sha1 "$1/$signer_about.pem")"
	done
}

signer_service() {
	id=i-0123456789abcdef0
	cn=managed-ssh-signer.us-east-1.amazonaws.com
	s=$tmp/signer
	h=$tmp/h
	keys=$h/tree/meta-data/managed-ssh-keys/active-keys
	signer_make "$s" $cn
	signer_tree "$s" "$h/tree"
	: >"$h/faults"
	start perl "$TOP/tests/hostile.pl" "$h"
	wait_for 10 test -s "$log" || exit 1
	url=$(cat "$log")
}
