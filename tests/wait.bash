# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Functions that wait, for tests on the host and in a machine.

# Times in the tests are multiplied by this. It is 1 while `make check` is alone,
# and more if other tasks share the processors (/proc/loadavg). A machine does not
# see them: it gets the host's figure.
export SLOW=${SLOW:-$(awk -v cpus="$(nproc)" '{ print 1 + int($1 / cpus / 3) }' /proc/loadavg)}

# Nothing is ever written to it: "read -t" from it is a sleep without a process.
exec {never}<> <(:)
pause() { read -r -t "$1" -u "$never" || :; }

# within SECONDS COMMAND...: repeat it until it succeeds; fail after SECONDS * SLOW
within()
{
	local end=$((SECONDS + $1 * SLOW)) step=0.02 tries=0
	shift
	until "$@"; do
		((SECONDS < end)) || { echo "not within its time: $*" >&2; return 1; }
		pause $step
		((++tries < 10)) || step=0.2
	done
}
