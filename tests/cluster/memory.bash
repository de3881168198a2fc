# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # lib.bash uses what this sets
#
# After lib.bash: nodes without a machine. The kernel of a node is a file
# (tests/starve/kernel.h), and its tasks are a number in it.

MEMORY=$TOP/build/test/memory
DIR=${LIVES:?}/$NAME
CG=$DIR/none
CGSPAND=$MEMORY/cgspand
CGSPAN=$MEMORY/cgspan

at() { AT=(env "CGSPAN_KERNEL=$DIR/$1.kernel"); }
make_node() { :; }
want() { "$MEMORY/tasks" "$DIR/$1.kernel" "$2"; }
used() { "$MEMORY/tasks" "$DIR/$1.kernel"; }
end_tasks() { "$MEMORY/tasks" "$DIR/$1.kernel" none; }
