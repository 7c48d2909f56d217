# push_many.t - a thousand instances, with faults: every one ends reported, none twice
. "${0%/*}/../lib.sh"

no_settings
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
export AWS_EC2_METADATA_DISABLED=true
line='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'

i=1
while [ $i -le 1000 ]; do
	printf 'i-%017x\n' $i
	i=$((i + 1))
done >"$tmp/ids"
{
	printf '{"accounts":[{"id":"111122223333","users":[{"name":"admin","accessKeys":[{"id":"%s","secret":"%s"}],' \
		$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY
	printf '"policies":[{"name":"all","document":{"Version":"2012-10-17","Statement":'
	printf '{"Effect":"Allow","Action":"*","Resource":"*"}}}]}],"instances":['
	sed 's/.*/{"id":"&","region":"us-east-1"}/; $!s/$/,/' "$tmp/ids"
	printf ']}]}\n'
} >"$tmp/world.json"

# mock FAULT: starts one with this fault; sets $pid, $trail and $url
mock() {
	trail=$tmp/trail.${mocks:=0}
	mocks=$((mocks + 1))
	start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --config "$tmp/world.json" --state "$tmp/state" \
		--cloudtrail "$trail" ${1:+--fault "$1"}
	wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
	url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
}

push() {
	"$EICBOX" push -u ec2-user -k "$line" -r us-east-1 -e "$url" "$@"
}

# pushes NAME STATUS OPTION...: all ids; the lines go to $tmp/lines
pushes() {
	tap_words=$1 tap_expected=$2
	shift 2
	push --instances "$tmp/ids" "$@" >"$tmp/lines" 2>"$tmp/said"
	is "$tap_words" "$tap_expected" $? || note "$(grep -m 3 '"Success":false' "$tmp/lines")"
	sed 's/.*"InstanceId":"\([^"]*\)".*/\1/' "$tmp/lines" | sort >"$tmp/reported"
	ok "$tap_words: every instance is reported, none twice" cmp "$tmp/ids" "$tmp/reported"
}

children() {
	grep -ls "^PPid:.$1\$" /proc/[0-9]*/status | cut -d / -f 3
}

mock
pushes 'a thousand instances' 0
is 'each was pushed' 1000 "$(grep -c '"Success":true' "$tmp/lines")"
is 'and once' 1000 "$(grep -c SendSSHPublicKey "$trail")"
like 'the summary counts them' 'push: 1000 of 1000 done, 0 failed' "$(cat "$tmp/said")"
stop $pid

mock 'on SendSSHPublicKey error=ThrottlingException every=20'
pushes 'one request in twenty is throttled' 0
stop $pid

mock 'on SendSSHPublicKey status=500 error=ServiceException every=20'
pushes 'one request in twenty meets a fault' 0
stop $pid

mock 'on SendSSHPublicKey drop every=20'
pushes 'one connection in twenty breaks' 0
stop $pid

mock 'on SendSSHPublicKey error=EC2InstanceStateInvalidException every=20'
pushes 'one instance in twenty is stopped' 1 --jobs 16
is 'those are reported as failed' 50 "$(grep -c '"Error":"EC2InstanceStateInvalidException"' "$tmp/lines")"
is 'what to do is said once, and they are counted' 'the instance does not run: start it first
push: 950 of 1000 done, 50 failed' "$(tail -n +2 "$tmp/said")"
stop $pid

mock 'on SendSSHPublicKey garbage every=20'
pushes 'one answer in twenty is garbage' 1 --jobs 3
is 'which is reported, for nobody knows what it meant' 50 "$(grep -c '"Success":false,.*not JSON' "$tmp/lines")"
stop $pid

mock
a=i-00000000000000001 b=i-00000000000000002 no=i-0000000000000ffff
check 'several --instance-id are several' 0 "*$a*$b*" push -i $a -i $b -j 1
printf '# a comment\n\n  %s  \r\n%s\n' $a $a >"$tmp/one"
check 'a file has comments, blanks and repetitions' 0 '{"InstanceId":"'$a'",*true}' push -i $a \
	--instances "$tmp/one"
printf '%s\t%s # %s\n' $a $b $no >"$tmp/words"
check 'several ids can stand on a line, as the AWS CLI prints them' 0 "*" push --instances "$tmp/words" --jobs 1
err_like 'and what is behind # does not count' 'push: 2 of 2 done, 0 failed'
check 'text output is a line each' 0 "$a	True	*-*-*" push --instances "$tmp/one" --output text
check 'an instance that is not there fails' 1 "*$no*\"Error\":\"EC2InstanceNotFoundException\"*" push -i $a -i $no -j 1
like 'beside one that is' "*$a*\"Success\":true*" "$out"
err_like 'and what to do is said, and the summary' "push: $no: EC2InstanceNotFoundException: *
looked in region us-east-1, *
push: 1 of 2 done, 1 failed"
check 'stdin is a list too' 0 '*"Success":true*' sh -c 'echo "$1" | "$2" push --instances - -u ec2-user -k "$3" \
	-r us-east-1 -e "$4"' sh $a "$EICBOX" "$line" "$url"
like 'a terminal sees how far it is' '*push: 0 of 1000, 0 failed*push: 999 of 1000, 0 failed*' \
	"$(script -qec "'$EICBOX' push --instances '$tmp/ids' -u ec2-user -k '$line' -r us-east-1 -e $url" /dev/null)"
tries=$(wc -l <"$trail")
printf '%s\ni-xyz\n' $a >"$tmp/bad"
check 'a bad line is wrong usage' 2 '' push --instances "$tmp/bad"
err_like 'and named' 'push: option --instances: line 2: "i-xyz" is not an instance id*'
: >"$tmp/none"
check 'an empty list is wrong usage' 2 '' push --instances "$tmp/none"
check 'a missing list is wrong usage' 2 '' push --instances "$tmp/missing"
check 'no jobs are wrong usage' 2 '' push -i $a --jobs 0
check 'too many jobs are wrong usage' 2 '' push -i $a --jobs 65
is 'nothing of that was sent' "$tries" "$(wc -l <"$trail")"
check 'a dry run shows every request' 0 "POST / HTTP/1.1*$a*POST / HTTP/1.1*$b*" push -i $a -i $b --dry-run
unlike 'and no signature' '*Signature=[0-9a-f]*' "$out"
is 'and sends none' "$tries" "$(wc -l <"$trail")"
stop $pid

# Ctrl-C, while each answer takes its time
mock 'on SendSSHPublicKey delay=100'
rm "$tmp/lines"
"$EICBOX" push -u ec2-user -k "$line" -r us-east-1 -e "$url" --instances "$tmp/ids" >"$tmp/lines" 2>"$tmp/said" &
client=$!
wait_for 20 grep -q Success "$tmp/lines"
kill -INT $client
wait $client
is 'an interrupted run fails' 1 $?
like 'it says how far it got' 'push: stopped: * of 1000 done, 0 failed, * not sent' "$(cat "$tmp/said")"
is 'what was sent is reported' "$(grep -c SendSSHPublicKey "$trail")" "$(grep -c '"Success":true' "$tmp/lines")"
is 'no worker is left' '' "$(children $client)"
stop $pid

# a worker that dies takes nobody with it
mock 'on SendSSHPublicKey delay=300'
rm "$tmp/lines"
"$EICBOX" push -u ec2-user -k "$line" -r us-east-1 -e "$url" --instances "$tmp/ids" --jobs 2 >"$tmp/lines" \
	2>"$tmp/said" &
client=$!
wait_for 20 grep -q Success "$tmp/lines"
kill -9 "$(children $client | head -n 1)"
wait_for 20 grep -q 'the process that pushed it has ended' "$tmp/lines"
is 'a worker that dies is reported' 1 "$(grep -c 'the process that pushed it has ended' "$tmp/lines")"
kill -INT $client
wait $client
is 'and counted as a failure' 1 "$(grep -c ', 1 failed' "$tmp/said")"
stop $pid

url=http://127.0.0.1:$(free_port)
head -n 20 "$tmp/ids" >"$tmp/few"
AWS_MAX_ATTEMPTS=1 check 'a server that refuses fails each' 1 '*connection refused*' push --instances "$tmp/few"
is 'with a line each' 20 "$(printf '%s\n' "$out" | grep -c 'connection refused')"
done_testing
