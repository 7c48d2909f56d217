#!/bin/sh
# mock_cloudinit.t - cloud-init's EC2 datasource crawls the mock and finds the world that was configured
. "${0%/*}/../lib.sh"

root=$("$TOP/tools/unpack" cloud-init) && [ -d "$root/usr/lib/python3/dist-packages/cloudinit" ] || {
	cannot "cloud-init's crawl" 'tools/unpack did not bring cloud-init'
	done_testing
}

cat >"$tmp/world.json" <<'END'
{"accounts": [{"id": "111122223333", "roles": [{"name": "app"}], "instances": [{
  "id": "i-00000042", "zone": "ap-southeast-2c", "type": "m6g.large", "image": "ami-0123456789abcdef0", "role": "app",
  "privateIp": "10.1.2.3", "publicIp": "198.51.100.7", "ipv6": "2001:db8:1:2::3", "mac": "0e:00:00:00:00:42",
  "vpc": "vpc-1", "vpcCidr": "10.1.0.0/16", "subnet": "subnet-2", "subnetCidr": "10.1.2.0/24", "interface": "eni-3",
  "securityGroups": ["web", "ssh"], "publicKeys": {"first": "ssh-ed25519 AAAA first", "second": "ssh-rsa BBBB second"},
  "userData": "#cloud-config\nhostname: x\n", "tags": {"Name": "crawled", "team": "blue"},
  "blockDevices": {"ami": "/dev/xvda", "ebs1": "sdb"}, "placementGroup": "together"}]}]}
END
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --config "$tmp/world.json" --imdsv2-only
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
"$EICBOX" metadata-mock --config "$tmp/world.json" --print-config >"$tmp/effective.json"

cat >"$tmp/crawl.py" <<'END'
import json, sys
from cloudinit import distros, helpers
from cloudinit.sources.DataSourceEc2 import CloudNames, DataSourceEc2
url, folder, world = sys.argv[1:]
paths = helpers.Paths({'cloud_dir': folder, 'run_dir': folder})
config = {'datasource': {'Ec2': {'metadata_urls': [url], 'strict_id': False, 'timeout': 5, 'max_wait': 20}}}
source = DataSourceEc2(config, distros.fetch('debian')('debian', {}, paths), paths)
source._cloud_name = CloudNames.AWS # what DMI says on a real one
found = source.crawl_metadata()
source.metadata, source.userdata_raw = found['meta-data'], found['user-data']
m, w = found['meta-data'], json.load(open(world))['accounts'][0]['instances'][0]
nic = m['network']['interfaces']['macs'][w['mac']]
wanted = {
    'instance-id': (m['instance-id'], w['id']), 'type': (m['instance-type'], w['type']), 'image': (m['ami-id'], w['image']),
    'zone': (m['placement']['availability-zone'], w['zone']), 'region': (m['placement']['region'], w['region']),
    'zone id': (m['placement']['availability-zone-id'], w['zoneId']), 'group': (m['placement']['group-name'], w['placementGroup']),
    'private': (m['local-ipv4'], w['privateIp']), 'public': (m['public-ipv4'], w['publicIp']), 'ipv6': (m['ipv6'], w['ipv6']),
    'mac': (m['mac'], w['mac']), 'hostname': (m['local-hostname'], w['privateDns']), 'public name': (m['public-hostname'], w['publicDns']),
    'groups': (m['security-groups'], w['securityGroups']), 'tags': (m['tags']['instance'], w['tags']),
    'devices': (m['block-device-mapping'], w['blockDevices']), 'reservation': (m['reservation-id'], w['reservation']),
    'keys': ({k: v[0] for k, v in m['public-keys'].items()}, w['publicKeys']), 'user data': (found['user-data'].decode(), w['userData']),
    'vpc': (nic['vpc-id'], w['vpc']), 'vpc block': (nic['vpc-ipv4-cidr-block'], w['vpcCidr']), 'subnet': (nic['subnet-id'], w['subnet']),
    'subnet block': (nic['subnet-ipv4-cidr-block'], w['subnetCidr']), 'interface': (nic['interface-id'], w['interface']),
    'association': (nic['ipv4-associations'], {w['publicIp']: w['privateIp']}), 'nic ipv6': (nic['ipv6s'], w['ipv6']),
    'role': (m['iam']['info']['InstanceProfileArn'].split('/')[-1], w['role']),
    'document': (found['dynamic']['instance-identity']['document']['instanceId'], w['id']),
    'account': (found['dynamic']['instance-identity']['document']['accountId'], '111122223333'),
    'life cycle': (m['instance-life-cycle'], w['lifeCycle']), 'domain': (m['services']['domain'], w['domain']),
}
for name, (got, want) in wanted.items():
    if got != want:
        print('%s: got %r, the world has %r' % (name, got, want))
print('%d values, instance %s, keys %d, zone %s' % (len(wanted), source.get_instance_id(), len(source.get_public_ssh_keys()),
                                                   source.availability_zone))
END
mkdir "$tmp/cloud"
export PYTHONPATH="$root/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1
check 'the result of the crawl equals the world' 0 '31 values, instance i-00000042, keys 2, zone ap-southeast-2c' \
	/usr/bin/python3 "$tmp/crawl.py" "$url" "$tmp/cloud" "$tmp/effective.json"

done_testing
