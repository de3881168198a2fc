# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Functions of the command's tests, which run it as built with the sanitizers.

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
CGSPAN=$ROOT/build/asan/cgspan
[ -x "$CGSPAN" ] || CGSPAN=$ROOT/build/user/cgspan

cgspan() { "$CGSPAN" "$@" 2>&1; }

# refused STATUS TEXT WORDS...: check the exit status and the first line.
refused() {
	local status_wanted=$1 text=$2
	shift 2
	run cgspan "$@"
	echo "$output"
	[ "$status" -eq "$status_wanted" ]
	[ "${lines[0]}" = "cgspan: $text" ]
}
