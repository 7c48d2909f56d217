#!/bin/sh
# metadata_mock_tree.t - every category that the EC2 user guide lists, in a world that has it and in one that does not
. "${0%/*}/../lib.sh"

cat >"$tmp/full.json" <<'END'
{"accounts": [{"id": "111122223333", "roles": [{"name": "app"}], "instances": [{
  "id": "i-00000042", "zone": "us-west-2b", "type": "t2.micro", "image": "ami-0123456789abcdef0", "role": "app",
  "privateIp": "10.1.2.3", "publicIp": "198.51.100.7", "ipv6": "2001:db8:1:2::3", "mac": "0e:00:00:00:00:42",
  "vpc": "vpc-1", "vpcCidr": "10.1.0.0/16", "subnet": "subnet-2", "subnetCidr": "10.1.2.0/24", "interface": "eni-3",
  "securityGroups": ["web", "ssh"], "publicKeys": {"first": "ssh-ed25519 AAAA first"}, "kernel": "aki-1", "ramdisk": "ari-1",
  "userData": "data", "tags": {"Name": "n", "team": "blue"}, "lifeCycle": "spot", "launchIndex": 3, "reservation": "r-1",
  "blockDevices": {"ami": "xvda", "ebs1": "sdb", "ephemeral0": "sdc", "root": "/dev/xvda", "swap": "sdd"},
  "placementGroup": "together", "partitionNumber": "7", "hostId": "h-1"}]}]}
END
echo '{"accounts": [{"id": "111122223333", "instances": [{"id": "i-00000043", "metadataTags": false, "tags": {"a": "b"}}]}]}' >"$tmp/bare.json"

# serve WORLD OPTION...: sets $url
serve() {
	world=$1
	shift
	start "$EICBOX" metadata-mock --listen "${address:-127.0.0.1:0}" --state "$tmp/state" --config "$tmp/$world.json" "$@"
	wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
	url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
}

# each line: path (below meta-data unless it begins with /), then the pattern that status and body must match
walk() {
	while IFS='|' read -r path pattern; do
		case $path in
		'') continue ;;
		/*) at=$path ;;
		*) at=/latest/meta-data/$path ;;
		esac
		got=$(curl -s -m 10 -w '\n%{http_code}' "$url$at")
		like "$1: $path" "$pattern" "$(printf '%s' "$got" | tail -n 1) $(printf '%s' "$got" | sed '$d')"
	done
}

mac=network/interfaces/macs/0e:00:00:00:00:42
serve full --spot-action terminate --spot-time 2030-01-02T03:04:05Z --rebalance-time 2030-01-01T00:00:00Z --event-code system-reboot \
	--event-not-before 2030-01-21T09:00:43Z --asg-termination
walk 'a full world' <<END
ami-id|200 ami-0123456789abcdef0
ami-launch-index|200 3
ami-manifest-path|200 (unknown)
ancestor-ami-ids|404 *
autoscaling/target-lifecycle-state|200 Terminated
block-device-mapping/ami|200 xvda
block-device-mapping/ebs1|200 sdb
block-device-mapping/ephemeral0|200 sdc
block-device-mapping/root|200 /dev/xvda
block-device-mapping/swap|200 sdd
block-device-mapping/ebs2|404 *
elastic-gpus/associations/elastic-gpu-id|404 *
elastic-inference/associations/eia-id|404 *
events/maintenance/history|200 \[\]
events/maintenance/scheduled|200 \[ {*"NotBefore" : "21 Jan 2030 09:00:43 GMT",*"Code" : "system-reboot"*"State" : "active"*} \]
events/recommendations/rebalance|200 {"noticeTime": "2030-01-01T00:00:00Z"}
hibernation/configured|200 false
hostname|200 ip-10-1-2-3.us-west-2.compute.internal
iam/info|200 *"InstanceProfileArn" : "arn:aws:iam::111122223333:instance-profile/app"*
iam/security-credentials/|200 app
iam/security-credentials/app|200 *"Type" : "AWS-HMAC"*
iam/security-credentials/other|404 *
iam/security-credentials-extended/|404 *
identity-credentials/ec2/info|200 *"AccountId" : "111122223333"*
identity-credentials/ec2/security-credentials/|200 ec2-instance
identity-credentials/ec2/security-credentials/ec2-instance|200 *"Token"*
instance-action|200 none
instance-id|200 i-00000042
instance-life-cycle|200 spot
instance-type|200 t2.micro
ipv6|200 2001:db8:1:2::3
kernel-id|200 aki-1
local-hostname|200 ip-10-1-2-3.us-west-2.compute.internal
local-ipv4|200 10.1.2.3
mac|200 0e:00:00:00:00:42
managed-ssh-keys/signer-cert|200 -----BEGIN CERTIFICATE-----*
metrics/vhostmd|200 <?xml *
network/interfaces/macs/|200 0e:00:00:00:00:42/
$mac/device-number|200 0
$mac/interface-id|200 eni-3
$mac/ipv4-associations/|200 198.51.100.7
$mac/ipv4-associations/198.51.100.7|200 10.1.2.3
$mac/ipv4-associations/198.51.100.8|404 *
$mac/ipv6s|200 2001:db8:1:2::3
$mac/ipv6-prefix|404 *
$mac/local-hostname|200 ip-10-1-2-3.us-west-2.compute.internal
$mac/local-ipv4s|200 10.1.2.3
$mac/mac|200 0e:00:00:00:00:42
$mac/network-card|200 0
$mac/owner-id|200 111122223333
$mac/public-hostname|200 ec2-198-51-100-7.us-west-2.compute.amazonaws.com
$mac/public-ipv4s|200 198.51.100.7
$mac/security-groups|200 web*ssh
$mac/security-group-ids|200 sg-*sg-*
$mac/subnet-id|200 subnet-2
$mac/subnet-ipv4-cidr-block|200 10.1.2.0/24
$mac/subnet-ipv6-cidr-blocks|200 2001:db8:1:2::/64
$mac/vpc-id|200 vpc-1
$mac/vpc-ipv4-cidr-block|200 10.1.0.0/16
$mac/vpc-ipv4-cidr-blocks|200 10.1.0.0/16
$mac/vpc-ipv6-cidr-blocks|200 2001:db8:1:2::/64
placement/|200 availability-zone*availability-zone-id*group-name*host-id*partition-number*region
placement/availability-zone|200 us-west-2b
placement/availability-zone-id|200 usw2-az2
placement/group-name|200 together
placement/host-id|200 h-1
placement/partition-number|200 7
placement/region|200 us-west-2
product-codes|404 *
public-hostname|200 ec2-198-51-100-7.us-west-2.compute.amazonaws.com
public-ipv4|200 198.51.100.7
public-keys/|200 0=first
public-keys/0|200 openssh-key
public-keys/0/openssh-key|200 ssh-ed25519 AAAA first*
ramdisk-id|200 ari-1
reservation-id|200 r-1
security-groups|200 web*ssh
services/domain|200 amazonaws.com
services/partition|200 aws
spot/instance-action|200 {"action": "terminate", "time": "2030-01-02T03:04:05Z"}
spot/termination-time|200 2030-01-02T03:04:05Z
system|200 xen-hvm
tags/instance|200 Name*team
tags/instance/Name|200 n
tags/instance/none|404 *
tags/instance/*|404 *
$mac/ipv4-associations/*|404 *
network/interfaces/macs/*/mac|404 *
/latest/|200 dynamic*meta-data*user-data
/latest/user-data|200 data
/latest/dynamic/|200 fws/*instance-identity/
/latest/dynamic/fws/instance-monitoring|200 disabled
/latest/dynamic/instance-identity/|200 rsa2048*pkcs7*document*signature
/latest/dynamic/instance-identity/dsa2048|404 *
/latest/dynamic/instance-identity/document|200 *"instanceId" : "i-00000042"*
/latest/dynamic/instance-identity/pkcs7|200 MII*
/latest/dynamic/instance-identity/rsa2048|200 MII*
/latest/dynamic/instance-identity/signature|200 *=*
/2020-10-27/meta-data/tags/instance|404 *
/2021-03-23/meta-data/tags/instance|200 Name*
/2014-11-05/meta-data/services/partition|404 *
/2015-10-20/meta-data/services/partition|200 aws
/2019-10-01/meta-data/placement/region|404 *
/2018-09-24/meta-data/placement/availability-zone|200 us-west-2b
/|200 1.0*latest
END
(
	printf '%s\n' '-----BEGIN PKCS7-----'
	curl -s "$url/latest/dynamic/instance-identity/pkcs7"
	printf '\n%s\n' '-----END PKCS7-----'
) >"$tmp/pkcs7"
curl -s "$url/latest/dynamic/instance-identity/document" >"$tmp/document"
ok 'openssl accepts the signature of the document' openssl smime -verify -in "$tmp/pkcs7" -inform PEM \
	-certfile "$tmp/state/root.pem" -noverify -out "$tmp/signed"
ok 'which holds the document' cmp "$tmp/document" "$tmp/signed"
stop "$pid"

serve bare
walk 'a bare world' <<END
autoscaling/target-lifecycle-state|404 *
events/maintenance/scheduled|200 \[\]
events/recommendations/rebalance|404 *
iam/info|404 *
iam/security-credentials/|404 *
instance-id|200 i-00000043
instance-life-cycle|200 on-demand
ipv6|404 *
kernel-id|404 *
placement/group-name|404 *
public-hostname|404 *
public-ipv4|404 *
public-keys/|404 *
ramdisk-id|404 *
spot/instance-action|404 *
spot/termination-time|404 *
system|200 nitro
tags/instance|404 *
/latest/|200 dynamic*meta-data
/latest/user-data|404 *
END
stop "$pid"

serve full --delay 3600 --spot-action stop --event-code instance-stop --event-state completed
walk 'before the delay is over' <<END
spot/instance-action|404 *
events/recommendations/rebalance|404 *
events/maintenance/history|200 \[\]
END
stop "$pid"
serve full --spot-action stop --event-code instance-stop --event-state completed
walk 'what is over' <<END
spot/instance-action|200 {"action": "stop", *
spot/termination-time|404 *
events/maintenance/scheduled|200 \[\]
events/maintenance/history|200 *"\[Completed\] *
END
stop "$pid"

echo '{"accounts": [{"id": "111122223333", "instances": [{"id": "i-00000043", "imdsDisabled": true}]}]}' >"$tmp/off.json"
serve off
walk 'a service that is off' <<END
instance-id|403 *
/latest/api/token|403 *
END
stop "$pid"

# --- a fleet, and addresses of version 6

echo '{"accounts": [{"id": "111122223333", "instances": [{"id": "i-00000001"}, {"id": "i-00000002", "imds": "127.0.0.1:'"$(free_port)"'"}]}]}' >"$tmp/fleet.json"
second=http://$(sed -n 's/.*"imds": "\([^"]*\)".*/\1/p' "$tmp/fleet.json")
serve fleet
is 'the first instance is at the main address' i-00000001 "$(curl -s "$url/latest/meta-data/instance-id")"
is 'the second at its own' i-00000002 "$(curl -s "$second/latest/meta-data/instance-id")"
token=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$url/latest/api/token")
is 'a token of one instance is none of another' 401 "$(curl -s -o /dev/null -w '%{http_code}' -H "X-aws-ec2-metadata-token: $token" "$second/latest/meta-data/")"
third=127.0.0.1:$(free_port)
echo '{"accounts": [{"id": "111122223333", "instances": [{"id": "i-00000001"}, {"id": "i-00000003", "imds": "'"$third"'"}]}]}' >"$tmp/fleet.json"
kill -HUP "$pid"
ok 'after a reload a new instance is served at its address' wait_for 5 curl -sf "http://$third/latest/meta-data/instance-id"
refute 'and one that is gone no more' curl -sf -m 5 "$second/latest/meta-data/instance-id"
stop "$pid"
echo '{"accounts": [{"id": "111122223333", "instances": [{"id": "i-00000001", "imdsIpv6": false}]}]}' >"$tmp/no6.json"
address='[::1]:0' serve no6
refute 'the service can be without version 6' curl -sf -g -m 5 "$url/latest/meta-data/instance-id"
stop "$pid"
address='[::1]:0' serve full
like 'it listens at ::1 too' 'http://\[::1\]:*' "$url"
is 'and answers there' i-00000042 "$(curl -s -g "$url/latest/meta-data/instance-id")"
stop "$pid"

done_testing
