# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Functions that wait, for the cluster tests on the host and in a machine.

# pause SECONDS: sleep without a process
pause() { read -r -t "$1" <> <(:) || :; }

# within SECONDS COMMAND...: repeat it until it succeeds
within()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || {
			echo "not within its time: $*" >&2
			return 1
		}
		pause 0.2
	done
}
