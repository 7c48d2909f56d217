# install_conf.t - install reads sshd_config as the real sshd does: the same slot in hundreds of random files
. "${0%/*}/../lib.sh"
. "${0%/*}/../machine.sh"

need machine_base machine
enter 'sshd_config as sshd reads it'
machine_begin
machine_keys
ssh=$machine/etc/ssh
mkdir $ssh/other.d $ssh/sshd_config.d/folder

# random SEED: files that include one another, with commands, users and Match blocks
random() {
	find $ssh/sshd_config.d $ssh/other.d -type f -delete
	perl -e '
		my ($seed, $ssh) = @ARGV;
		srand($seed);
		my $n = 0;
		my @lines = (
			sub { "AuthorizedKeysCommand /bin/c" . ++$n . " %u %f" },
			sub { "authorizedkeyscommand=/bin/c" . ++$n },
			sub { "\tAUTHORIZEDKEYSCOMMAND \t /bin/c" . ++$n . " a  b \t" },
			sub { "AuthorizedKeysCommand none" },
			sub { "AuthorizedKeysCommand = /bin/c" . ++$n . " # no comment" },
			sub { "AuthorizedKeysCommandUser nobody" },
			sub { "#AuthorizedKeysCommand /bin/no" },
			sub { "UsePAM yes" }, sub { "" },
			sub { "\"AuthorizedKeysCommand\"/bin/c" . ++$n . " %u" }, sub { "\"AuthorizedKeysCommandX /bin/no" },
			sub { " =AuthorizedKeysCommand /bin/c" . ++$n . " \f\r" }, sub { "AuthorizedKeysCommandUser \"nobody\" # no" },
			sub { "Match \"all\"" }, sub { "Match = All # no" },
			sub { "Match all" }, sub { "match ALL" }, sub { "Match User bob" },
			sub { "Match User *" }, sub { "Match Address 0.0.0.0/0 Host *" }, sub { "Match LocalPort 22 # ours" },
			sub { "Match LocalAddress *,!10.0.0.0/8 user=*,!root" }, sub { "match Address 128.0.0.0/1,!192.0.2.0/30" },
			sub { "Match Group * LocalPort 2222" }, sub { "Match \"User\" \"*\" Address !192.0.2.1" },
			sub { "Match Address 10.0.0.0/8 User *" }, sub { "Match Group wheel,root" },
		);
		my @includes = (
			"Include /etc/ssh/sshd_config.d/*.conf", "include sshd_config.d/a.conf /etc/ssh/sshd_config.d/b?.conf",
			"Include \"/etc/ssh/sshd_config.d/[ab]*\"", "Include=/etc/ssh/sshd_config.d/c*", "Include /etc/ssh/nowhere/*.conf",
			"Include sshd_config.d/[!a]*.conf", "Include sshd_config.d/a.conf # the admin\x27s", "Include sshd_config.d/*",
			"Include /etc/ssh/*.d/*.conf", "Include /etc/[s]sh/o*/x.conf /etc/ssh/*.d/c.*",
			"Include sshd_config.d/b\"1.conf\" /etc/ssh/other.d/y\\ z", "Include \x27/etc/ssh/other.d/y z\x27",
		);
		sub content {
			my ($includes, $most) = @_;
			return join "", map {
				(@$includes && rand() < 0.25 ? $includes->[rand @$includes] : $lines[rand() < 0.35 ? rand 3 : rand @lines]->()) . "\n"
			} 1 .. 1 + rand $most;
		}
		sub put { open my $f, ">", "$ssh/$_[0]" or die; print $f $_[1] }
		put("sshd_config", content(\@includes, 7));
		put("sshd_config.d/$_", content(["Include /etc/ssh/other.d/*.conf", "Include other.d/x.conf"], 3))
			for grep { rand() < 0.6 } qw(a.conf b1.conf b2.conf c.conf .hidden.conf z.txt);
		put("other.d/$_", content([], 3)) for grep { rand() < 0.6 } ("x.conf", "y.conf", "y z");
		# without a user sshd accepts no command
		system("sh", "-c", "echo AuthorizedKeysCommandUser nobody >>$ssh/sshd_config.d/zz.conf");
		my $main = do { local (@ARGV, $/) = "$ssh/sshd_config"; <> };
		put("sshd_config", "AuthorizedKeysCommandUser root\n$main");
	' "$1" $ssh
}
# what sshd has for somebody whom no conditional block is about
theirs() {
	inside sshd -T -C user=other,host=h,addr=192.0.2.1,laddr=192.0.2.2,lport=22 2>"$tmp/words" |
		sed -n 's/^authorizedkeyscommand //p'
}
ours() {
	"$EICBOX" install --prefix $machine --status |
		sed -n -e 's/.*no AuthorizedKeysCommand$/none/p' -e "s/^sshd .*is somebody else's: //p" | head -n 1
}

seed=0 same=0 taken=0 refused=0
while [ $seed -lt 300 ]; do
	seed=$((seed + 1))
	random $seed
	sshd_says=$(theirs)
	if [ -z "$sshd_says" ]; then
		refused=$((refused + 1))
		continue
	fi
	eicbox_says=$(ours)
	[ "$sshd_says" = none ] || taken=$((taken + 1))
	if [ "$sshd_says" = "$eicbox_says" ]; then
		same=$((same + 1))
	else
		note "seed $seed: sshd has \"$sshd_says\", install has \"$eicbox_says\""
		note "$(cd $ssh && head -n 20 sshd_config sshd_config.d/* other.d/* 2>/dev/null)"
	fi
done
note "$taken with a command, $((seed - refused - taken)) without, $refused that sshd refuses ($(head -n 1 "$tmp/words"))"
is 'of random files that sshd accepts, install reads each as sshd does' $((seed - refused)) $same
ok 'most are accepted, and have a command' test $taken -gt 150
done_testing
