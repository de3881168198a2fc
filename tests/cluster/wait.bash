# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Waiting, for the cluster tests on the host and for those in a machine.

# pause SECONDS, without a process
pause() { read -r -t "$1" <> <(:) || :; }

# within SECONDS COMMAND...: until it succeeds
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
