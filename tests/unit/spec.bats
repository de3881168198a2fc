#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

bats_require_minimum_version 1.5.0

setup_file()
{
	export TOP=$BATS_TEST_DIRNAME/../..
	export SPEC=$TOP/include/netlink/cgspan.yaml
}

# compiles SPEC: the header has the numbers of the spec
compiles()
{
	awk -v header=1 -f "$TOP/tests/vm/prog/spec.awk" "$1" |
		cc -fsyntax-only -Wall -Wextra -Werror -I"$TOP/include/uapi" -x c -
}

@test "the Netlink spec and the header have the same names and numbers" {
	run -0 compiles "$SPEC"
}

@test "a missing or different attribute or command of the spec is reported" {
	sed '/name: peer-time/,/type:/d' "$SPEC" >"$BATS_TEST_TMPDIR/attr"
	run -1 compiles "$BATS_TEST_TMPDIR/attr"
	[[ $output == *CGSPAN_RES_A_PEER_TIME* || $output == *CGSPAN_RES_A_PAD* ]]
	sed '/name: grant-ntf/,/attributes:/d' "$SPEC" >"$BATS_TEST_TMPDIR/cmd"
	run -1 compiles "$BATS_TEST_TMPDIR/cmd"
	[[ $output == *CGSPAN_CMD_MAX* ]]
	sed 's/value: 1023/value: 1024/' "$SPEC" >"$BATS_TEST_TMPDIR/const"
	run -1 compiles "$BATS_TEST_TMPDIR/const"
	[[ $output == *CGSPAN_PATH_LEN* ]]
	sed 's/value: 14/value: 15/' "$SPEC" >"$BATS_TEST_TMPDIR/part"
	run -1 compiles "$BATS_TEST_TMPDIR/part"
	[[ $output == *CGSPAN_RES_A_NAME* ]]
}
