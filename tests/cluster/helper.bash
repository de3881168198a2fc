# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the cluster tests on the host. A test is a script that runs in a
# machine (tests/vm/vm) with lib.bash.

TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
export VM_RUN=${VM_RUN:-$TOP/build/run/cluster}
# shellcheck source=tests/wait.bash
. "$TOP/tests/wait.bash"

vm() { "$TOP/tests/vm/vm" "$@" 3>&- 4>&-; }

# Skip if the kernel is missing.
need_kernel()
{
	local missing=${XDG_CACHE_HOME:-$HOME/.cache}/cgspan/kernels/${K:-6.1}/missing
	[ ! -e "$missing" ] || skip "$(cat "$missing")"
}

# machine NAME [OPTION...]: boot a machine
machine()
{
	need_kernel
	vm start "$@" -k "${K:-6.1}" >&2
}

# inside MACHINE [VARIABLE=VALUE...] <<script: run the script in the machine
inside()
{
	local machine=$1
	shift
	# shellcheck disable=SC2016 # for the machine
	vm exec "$machine" env SLOW="$SLOW" NAME="t$BATS_TEST_NUMBER" "$@" bash -euo pipefail \
		-c '. tests/cluster/lib.bash; trap tidy EXIT
			trap "echo \"failed: \$BASH_COMMAND\"" ERR; . /dev/stdin'
}
