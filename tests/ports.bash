# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash

# free_ports N: print the first of N consecutive free TCP ports
free_ports()
{
	local base used
	used=$(ss -Hltn | awk '{ sub(/.*:/, "", $4); print $4 }')
	while base=$((20000 + RANDOM % 10000)); do
		seq "$base" $((base + $1 - 1)) | grep -qxF "$used" || break
	done
	echo "$base"
}
