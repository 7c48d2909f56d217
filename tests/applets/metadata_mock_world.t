#!/bin/sh
# metadata_mock_world.t - worlds: what is printed is read again as the same, and what is no world is refused with its place
. "${0%/*}/../lib.sh"

print() {
	"$EICBOX" metadata-mock --config "$1" --print-config
}

# again NAME WORLD: the printed world prints itself
again() {
	print "$2" >"$tmp/printed.json" || note "$2 is no world"
	ok "$1: what is printed can be read" print "$tmp/printed.json"
	is "$1: and is the same" "$(cat "$tmp/printed.json")" "$out"
}

"$EICBOX" metadata-mock --print-config >"$tmp/default.json"
again 'the default world' "$tmp/default.json"

echo '{"accounts": [{"id": "999988887777", "instances": [{"id": "i-00000009"}]}]}' >"$tmp/bare.json"
again 'a bare world' "$tmp/bare.json"
for member in scps tags trust boundary userData publicIp role imds platform; do
	unlike "what the text does not have is not made up: $member" "*\"$member\": *" "$out"
done
like 'the hop limit is that of AWS' '*"hopLimit": 1,*' "$out"

policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
trust='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'
cat >"$tmp/full.json" <<END
{"accounts": [
  {"id": "111122223333", "partition": "aws-cn", "organization": "o-1", "serialConsoleAccess": true,
   "scps": [{"name": "all", "document": $policy}, $policy],
   "groups": [{"name": "g", "policies": [$policy]}],
   "rootAccessKeys": [{"id": "AKIAROOTROOTROOTROOT", "secret": "0123456789abcdef"}],
   "users": [{"name": "u", "path": "/p/", "uniqueId": "AIDAU", "groups": ["g"], "boundary": $policy, "tags": {"team": "b\"lue"},
     "accessKeys": [{"id": "AKIAUUUUUUUUUUUUUUUU", "secret": "0123456789abcdef", "inactive": true}], "policies": []}],
   "roles": [{"name": "u", "trust": $trust, "policies": [$policy]}],
   "instances": [{"id": "i-00000001", "type": "m6g.large", "image": "ami-1", "architecture": "arm64", "region": "cn-north-1",
     "zone": "cn-north-1b", "zoneId": "z", "domain": "d.example", "privateIp": "10.1.2.3", "publicIp": "198.51.100.7", "ipv6": "2001:db8::1",
     "mac": "0e:00:00:00:00:01", "privateDns": "a", "publicDns": "b", "vpc": "v", "vpcCidr": "w", "subnet": "s", "subnetCidr": "t",
     "interface": "e", "reservation": "r", "kernel": "k\"", "ramdisk": "m", "launched": "2024-01-01T00:00:00Z", "role": "u",
     "imds": "127.0.0.1:1", "lifeCycle": "spot", "platform": "windows", "placementGroup": "pg", "partitionNumber": "7", "hostId": "h",
     "userData": "#!/bin/sh\n\techo \"\\\\\n", "securityGroups": [], "publicKeys": {"k": "ssh-ed25519 AAAA"}, "tags": {"Name": "", "x": "\u00e9"},
     "blockDevices": {}, "state": "shutting-down", "nitro": false, "metadataTags": false, "imdsDisabled": true, "imdsIpv6": false,
     "tokensRequired": true, "unavailable": true, "serialBusy": true, "hopLimit": 64, "launchIndex": 3}],
   "endpoints": [{"id": "eice-1", "region": "cn-north-1", "zone": "cn-north-1b", "vpc": "v", "subnet": "s", "state": "update-failed",
     "dnsName": "n"}]},
  {"id": "444455556666", "scps": [], "users": [{"name": "u"}], "instances": [{"id": "i-00000002"}]}]}
END
again 'a world with everything' "$tmp/full.json"
is 'and every member of the text is printed as it was' same "$(perl -MJSON::PP -e '
	sub text { local $/; open my $f, "<", shift; decode_json(<$f>) }
	sub in { # is all of a in b?
		my ($a, $b, $at) = @_;
		if (ref $a eq "HASH") { in($a->{$_}, $b->{$_}, "$at.$_") for keys %$a }
		elsif (ref $a eq "ARRAY" && $at !~ /policies|scps/) { in($a->[$_], $b->[$_], "$at.$_") for 0 .. $#$a }
		elsif (!ref $a && (!defined $b || $a ne $b)) { print "$at " }
	}
	in(text($ARGV[0]), text($ARGV[1]), "");
	print "same"' "$tmp/full.json" "$tmp/printed.json")"
like 'no policy for an account of an organization stays none' '*"id": "444455556666",*"scps": \[\],*' "$(cat "$tmp/printed.json")"

# a world that was printed decides as the one it came from: the default user may push
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --config "$tmp/default.json"
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
like 'in the printed default world the admin may push' '*"Success":true*' "$(curl -s --aws-sigv4 aws:amz:us-east-1:ec2-instance-connect \
	--user AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY -H 'X-Amz-Target: AWSEC2InstanceConnectService.SendSSHPublicKey' \
	-d '{"InstanceId":"i-0123456789abcdef0","InstanceOSUser":"a","SSHPublicKey":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"}' \
	"$url/")"
stop "$pid"

# --- what is no world: the words behind '|' are said, with the place

# refused WORLD WORDS
refused() {
	printf '%s\n' "$1" >"$tmp/bad.json"
	check "no world: $(printf '%.150s' "$1")" 1 '' print "$tmp/bad.json"
	err_like "because: $2" "metadata-mock: *bad.json: line [0-9]*, column [0-9]*: $2"
}

account='{"accounts": [{"id": "999988887777", '
refused '[]' 'expected {"accounts": *'
refused '{}' 'expected {"accounts": *'
refused '{"accounts": {}}' 'expected {"accounts": *'
refused '{"accounts": []}' '* at least one account'
refused '{"accounts": [{"id": "999988887777"}], "more": 1}' 'only "accounts" *'
refused '{"accounts": [1]}' 'expected an object'
refused '{"accounts": [{}]}' 'needs "id"'
refused '{"accounts": [{"id": "1"}]}' '"1" is not an account id: 12 digits'
refused "${account}\"instances\": {}}]}" 'expected a list'
refused '{"accounts": [{"id": "999988887777"}]}' 'there is no instance'
refused '{"accounts": [{"id": "999988887777"}, {"id": "999988887777"}]}' 'stands here twice'

user() { # MEMBERS-OF-AN-ACCOUNT WORDS
	refused "$account$1, \"instances\": [{\"id\": \"i-00000001\"}]}]}" "$2"
}
user '"users": [{}]' 'needs "name"'
user '"users": [{"name": "a b"}]' '"a b" is not a name'
user '"users": [{"name": "u"}, {"name": "u"}]' 'stands here twice'
user '"users": [{"name": "u", "groups": ["g"]}]' '"g" is no group of the account'
user '"users": [{"name": "u", "policies": {}}]' 'expected a list'
user '"users": [{"name": "u", "policies": [1]}]' 'expected an object'
user '"users": [{"name": "u", "accessKeys": [{"id": "AKIAUUUUUUUUUUUUUUUU"}]}]' 'needs "secret"'
user '"users": [{"name": "u", "accessKeys": [{"id": "AKIAUUUUUUUUUUUUUUUU", "secret": "short"}]}]' '"short" is not a secret *'
user '"users": [{"name": "u", "accessKeys": [{"id": "AKIAUUUUUUUUUUUUUUUU", "secret": "0123456789abcdef"}]},
  {"name": "v", "accessKeys": [{"id": "AKIAUUUUUUUUUUUUUUUU", "secret": "0123456789abcdef"}]}]' 'stands here twice'
user '"groups": [{"name": "g"}, {"name": "g"}]' 'stands here twice'
user '"roles": [{"name": "r"}, {"name": "r"}]' 'stands here twice'

instance() { # MEMBERS-OF-AN-INSTANCE WORDS
	refused "$account\"instances\": [{\"id\": \"i-00000001\"$1}]}]}" "$2"
}
refused "$account\"instances\": [{\"id\": \"x\"}]}]}" '"x" is not an instance id*'
refused "$account\"instances\": [{}]}]}" 'needs "id"'
instance '}, {"id": "i-00000001"' 'stands here twice'
instance ', "sate": "stopped"' 'no member "sate" is known here'
instance ', "state": "asleep"' 'expected pending, running, *'
instance ', "role": "nobody"' '"nobody" is no role of the account'
instance ', "nitro": 1' 'expected true or false'
instance ', "type": 1' 'expected a string'
instance ', "type": ""' '"" is not a name'
instance ', "type": "'"$(printf '%065d' 0)"'"' 'longer than 64 bytes'
instance ', "hopLimit": 65' 'expected a number from 0 to 64'
instance ', "hopLimit": -1' 'expected a number from 0 to 64'
instance ', "hopLimit": 1.5' 'expected a number from 0 to 64'
instance ', "privateIp": "10.0.0"' '"10.0.0" is not an IPv4 address'
instance ', "privateIp": "::1"' '"::1" is not an IPv4 address'
instance ', "privateIp": "::ffff:10.0.0.1"' '"::ffff:10.0.0.1" is not an IPv4 address'
instance ', "imds": "localhost"' '"localhost" is not an address and a port such as 127.0.0.1:1338'
instance ', "imds": "127.0.0.1:65536"' '"127.0.0.1:65536" is not an address and a port *'
instance ', "ipv6": "::ffff:10.0.0.1"' '"::ffff:10.0.0.1" is not an IPv6 address'
instance ', "ipv6": "10.0.0.1"' '"10.0.0.1" is not an IPv6 address'
instance ', "mac": "0e:00"' '"0e:00" is not a MAC address'
instance ', "mac": "0e:00:00:00:00:00:01"' '* is not a MAC address'
instance ', "zone": "here"' '"here" is not an availability zone'
instance ', "region": "us-gov-west-1", "zone": "us-east-1a"' 'is no zone of that region'
instance ', "launched": "yesterday"' '"yesterday" is not a time such as *'
instance ', "lifeCycle": "long"' '"long" is not on-demand, spot or scheduled'
instance ', "tags": []' 'expected an object'
instance ', "tags": {"a": 1}' 'expected a string'
instance ', "tags": {"": "a"}' '"" is not printable ASCII'
instance ', "userData": "a\u0000b"' 'not a text that can be used here'
instance ', "userData": "'"$(printf '%016385d' 0)"'"' 'longer than 16384 bytes'

# of policies the words are those of the policy's reader
echo '{"accounts": [{"id": "999988887777", "users": [{"name": "u", "policies": [{"Version": "2012-10-17"}]}], "instances": [{"id": "i-00000001"}]}]}' \
	>"$tmp/bad.json"
check 'a policy without statements is none' 1 '' print "$tmp/bad.json"
err_like 'and the place is named' '*bad.json:*[0-9]*[:,]*[0-9]*: *'

done_testing
