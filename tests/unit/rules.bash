# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # bats: "run" sets status and output
#
# For the tests that take a rule of the ledger out: a check that cannot fail
# proves nothing.

# The sources of the simulated world, without those of the program sim alone.
world=$(cd "$BATS_TEST_DIRNAME/../.." &&
	printf '%s\n' tests/sim/*.c | grep -vE '/(cell|delegate|rival|sim|text)\.c$')

# run_without NAME SOURCES SEEDS RULE...: build tests/unit/NAME.c and SOURCES with
# the ledger, with these rules broken, and run so many seeds ("": all tests).
run_without()
{
	local name=$1 sources=$2 seeds=$3

	# shellcheck disable=SC2086,SC2046 # lists of words
	(
		cd "$BATS_TEST_DIRNAME/../.." || exit
		shift 3
		cc -std=gnu11 -O1 -D_GNU_SOURCE "${@/#/-DCGSPAN_BUG_}" \
			-Iinclude/uapi -Iuser \
			-o "$BATS_TEST_TMPDIR/$name" "tests/unit/$name.c" $sources \
			user/model/*.c user/ledger/*.c \
			user/libcgspan/err.c user/libcgspan/words.c \
			$(pkg-config --libs json-c) -lm
	)
	# shellcheck disable=SC2086 # a number, or nothing
	run "$BATS_TEST_TMPDIR/$name" $seeds
}
