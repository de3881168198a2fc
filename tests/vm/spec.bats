#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

# genlclient -l lists the operations of include/netlink/cgspan.yaml.
setup()
{
	quick
	done=$BATS_TEST_TMPDIR/done
	genlclient -l >"$BATS_TEST_TMPDIR/spec"
}

# Receive the notifications of all multicast groups of the spec.
listen_all()
{
	local groups
	groups=$(awk '$1 == "event" && $3 { print $3 }' "$BATS_TEST_TMPDIR/spec" | sort -u)
	listen "${groups//$'\n'/,}"
}

# does WORD...: send a request as the owner; it must succeed, and is recorded
does()
{
	ask owner "$@" || return 1
	[ "$1" = dump ] || set -- do "$1"
	echo "$1 $2" >>"$done"
	jq -r '.replies[].cmd | select(endswith("-ntf")) | "event \(.)"' <<<"$reply" >>"$done"
}

# says FILTER: the answer matches the jq filter
says() { jq -e "$1" <<<"$reply" >/dev/null || { echo "not $1: $reply"; return 1; }; }

# All operations of the spec were sent or received.
is_all()
{
	{ cat "$done"; tail -n +2 "$heard" | jq -r '"event \(.cmd)"'; } | sort -u |
		diff -u <(cut -d ' ' -f 1,2 "$BATS_TEST_TMPDIR/spec" | sort) -
}

told() { grep -q "\"cmd\":\"$1\"" "$heard"; }

@test "a client built from the spec alone sends every command and receives every notification" {
	mkcg a
	listen_all
	open_socket owner
	does node-set node{ name=n boot-id=000102030405060708090a0b0c0d0e0f resource{ id=3 name=gpu } }
	does session-renew session{ epoch=4 sent=now ttl=60000 }
	does sched-hold
	does node-get
	says '.replies[0] | .node.name == "n" and .node.resource[0].name == "gpu" and .session.epoch == 4'

	does group-new group{ path=/a on-expiry=3 }
	does group-set group{ path=/a resource{ id=0 limit=9 } }
	does lease-set session{ epoch=4 } lease{ group-path=/ res=0 amount=max } \
		lease{ group-path=/ res=3 amount=2 } lease{ group-path=/a res=3 amount=2 } \
		lease{ group-path=/a res=0 amount=4 low=3 }
	says '[.replies[0].lease[].amount] == ["max", 2, 2, 4]'
	does peer-set peer{ group-path=/a res=0 used=5 nodes=2 time=now }
	does member-add member{ group-path=/a cgroup=/t/a }
	says '.ok'
	[ "$(spawn "$T/a" 2)" = "2 0" ]
	within 20 told credit-ntf
	does group-get group{ path=/a }
	says '.replies[0].group | .live == 2 and .resource[0].limit == 9 and .resource[0]["peer-used"] == 5'
	does dump group-get
	says '[.replies[].group.path] == ["/", "/a"]'
	does dump member-get
	says '.replies[0].member[0] | .cgroup == "/t/a" and .["group-path"] == "/a"'
	does dump task-get group{ path=/a }
	says '[.replies[].task.comm] == ["spawn", "spawn"]'

	does admit grant{ group-path=/a user0=2 }
	id=$(jq '.replies[0].grant.id' <<<"$reply")
	does admit grant{ group-path=/a user0=1 wait=60000 }
	says '.replies[0].grant | .state == 0 and .missing == 1'
	does grant-get grant{ id="$id" }
	says '.replies[0].grant | .user0 == 2 and .state == 1'
	does dump grant-get
	says '.replies | length == 2'
	does release grant{ id="$id" }
	served() { does node-get && grep -q 'event grant-ntf' "$done"; }
	within 20 served

	# A session with a higher epoch expires: kill.
	does session-renew session{ epoch=5 sent=now ttl=100 }
	within 20 told group-empty-ntf
	does member-del member{ cgroup=/t/a }
	does dump grant-get
	does release grant{ id="$(jq '.replies[0].grant.id' <<<"$reply")" }
	does leave session{ epoch=5 }
	does group-del group{ path=/a }
	within 20 is_all >/dev/null || is_all
}

# What the module's policies take, in the form of `offers`.
policies()
{
	genl ctrl policy name cgspan | awk '
		function walk(head, path, policy,	i, nest)
		{
			for (i = 1; i <= n; i++) {
				if (of[i] != policy)
					continue
				if (split(shape[i], nest, /NESTED policy:| maxattr/) > 1)
					walk(head, path attr[i] ".", nest[2])
				else
					print head, path attr[i], shape[i]
			}
		}
		/ policies: / {
			for (i = 6; i <= NF; i++) {
				split($i, use, "=")
				used[$4 " " use[1]] = use[2]
			}
		}
		/ policy\[/ {
			split($3, part, /[][]/)
			of[++n] = part[2]
			attr[n] = part[4]
			sub(/.*type=/, "")
			sub(/ *$/, "")
			shape[n] = $0
		}
		END {
			for (head in used) {
				split(head, part, " ")
				# 6.12 calls a command 0 that can only be dumped.
				command = (part[1] " do" in used) ? part[1] : 0
				walk(command " " part[2], "", used[head])
			}
		}' | sort -u
}

@test "a request in the spec has the attributes that the module's policy takes, with types and limits" {
	local offers=/cgspan/build/prog/offers dir=$BATS_TEST_TMPDIR
	[ -e $offers ] || skip "the kernel's reader of specs cannot be had"
	policies >"$dir/policies"
	[ "$(wc -l <"$dir/policies")" -gt 50 ]
	# Where the reply has the same nest, the request may have the attributes of both.
	sed -n 's/^[=+] //p' $offers | sort -u | comm -13 - "$dir/policies" >"$dir/lacking"
	sed -n 's/^= //p' $offers | sort -u | comm -23 - "$dir/policies" >"$dir/refused"
	cat "$dir/lacking" "$dir/refused"
	[ ! -s "$dir/lacking" ] && [ ! -s "$dir/refused" ]
}

@test "a client that the kernel's generator makes of the spec makes, leases, dumps and removes groups" {
	[ -e /cgspan/build/prog/ynl ] || skip "the kernel's generator of clients cannot be had"
	ynl >"$BATS_TEST_TMPDIR/said"
	diff -u - "$BATS_TEST_TMPDIR/said" <<-'EOF'
		new /spec
		new /spec/in
		lease of tasks: 7, used 0
		lease of tasks: 8, used 0
		/spec/in: kill, tasks lease 8
		/spec: hold, tasks lease 7 limit 9
		/spec/in: kill, tasks lease 8
		/none/in: ENOENT: Kernel error: 'the group's parent does not exist'
		/spec/out: ERANGE: Kernel error: 'integer out of range' (bad attribute: .group.on-expiry)
		/spec: EBUSY: Kernel error: 'the group has subgroups'
		/spec: ENOENT: Kernel error: 'there is no such group' (bad attribute: .group.path)
		group-del-ntf /spec
	EOF
}
