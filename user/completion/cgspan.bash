# SPDX-License-Identifier: GPL-2.0
# Completion for bash: the command says itself what may come next, and where it
# says nothing, a file may.

_cgspan()
{
	local words=("${COMP_WORDS[@]:1:COMP_CWORD}")

	[ "${#words[@]}" -ge "$COMP_CWORD" ] || words+=("")
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" --complete \
		"${words[@]}" 2>/dev/null)
}

complete -o default -F _cgspan cgspan
