# SPDX-License-Identifier: GPL-2.0
# Completion for bash: "cgspan --complete" prints the possible words; if it
# prints none, bash completes names of files.

_cgspan()
{
	local words=("${COMP_WORDS[@]:1:COMP_CWORD}")

	[ "${#words[@]}" -ge "$COMP_CWORD" ] || words+=("")
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" --complete \
		"${words[@]}" 2>/dev/null)
}

complete -o default -F _cgspan cgspan
